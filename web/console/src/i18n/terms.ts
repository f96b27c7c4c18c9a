// The terms of the desk in both languages, as in the schema's descriptions.
import { define } from './messages';

export const statuses = define({
  PENDING_REVIEW: { zh: '待审核', en: 'Pending review' },
  AWAITING_FEEDBACK: { zh: '待客户反馈', en: 'Awaiting answer' },
  AWAITING_SHIPMENT: { zh: '待客户发货', en: 'Awaiting shipment' },
  AWAITING_RECEIPT: { zh: '待收货', en: 'Awaiting receipt' },
  AWAITING_PROCESSING: { zh: '待处理', en: 'Awaiting processing' },
  AWAITING_CONFIRMATION: { zh: '待客户确认', en: 'Awaiting confirmation' },
  COMPLETED: { zh: '已完成', en: 'Completed' },
  REJECTED: { zh: '审核不通过', en: 'Rejected' },
  CANCELLED: { zh: '已取消', en: 'Cancelled' },
});

export const expectations = define({
  RETURN: { zh: '退货', en: 'Return' },
  EXCHANGE: { zh: '换货', en: 'Exchange' },
  REPAIR: { zh: '维修', en: 'Repair' },
});

export const actions = define({
  APPROVE: { zh: '同意客户发货', en: 'Approve' },
  REJECT: { zh: '审核不通过', en: 'Reject' },
  RESEND: { zh: '不退货补发新品', en: 'Send a new item' },
  REQUEST_FEEDBACK: { zh: '待客户反馈', en: 'Ask the customer' },
  RECORD_GIVE_UP: { zh: '客户放弃', en: 'Customer gave up' },
  AUTO_APPROVE: { zh: '超时自动通过', en: 'Automatic approval' },
  RESPOND: { zh: '客户反馈', en: 'Customer answers' },
  AMEND: { zh: '补充资料', en: 'Customer amends' },
  EXPIRE_FEEDBACK: { zh: '反馈超时取消', en: 'Cancelled without an answer' },
  EXPIRE_SHIPMENT: { zh: '发货超时取消', en: 'Cancelled without a parcel' },
  SHIP: { zh: '客户发货', en: 'Customer ships' },
  CORRECT_WAYBILL: { zh: '更正运单', en: 'Correct the waybill' },
  CANCEL: { zh: '取消申请', en: 'Cancel' },
  RECEIVE: { zh: '拆包登记', en: 'Register receipt' },
  RECEIVE_CANCELLED: { zh: '登记已取消的包裹', en: 'Register a cancelled parcel' },
  RETURN_CANCELLED: { zh: '退回已取消的包裹', en: 'Return a cancelled parcel' },
  REFUND: { zh: '退款', en: 'Refund' },
  SETTLE_REFUND: { zh: '退款到账', en: 'Refund paid' },
  FAIL_REFUND: { zh: '退款失败', en: 'Refund failed' },
  EXCHANGE: { zh: '换新', en: 'Exchange' },
  REPAIR: { zh: '维修', en: 'Repair' },
  SEND_BACK: { zh: '原返', en: 'Send back unrepaired' },
  SOLVE: { zh: '已解决', en: 'Report as solved' },
  UPDATE_SHIPMENT: { zh: '补填运单', en: 'Add the waybill' },
  REPLY: { zh: '回复', en: 'Reply' },
  CLOSE: { zh: '关闭', en: 'Close' },
  UNDO: { zh: '撤销处理', en: 'Undo the last step' },
  CONFIRM: { zh: '客户确认', en: 'Customer confirms' },
  AUTO_CONFIRM: { zh: '超时自动确认', en: 'Automatic confirmation' },
  REPORT_UNSOLVED: { zh: '反馈未解决', en: 'Customer objects' },
  ESCALATE: { zh: '申请平台介入', en: 'Ask the platform' },
  NOTE: { zh: '内部备注', en: 'Add a note' },
  REOPEN: { zh: '撤回驳回', en: 'Take the rejection back' },
  WITHDRAW_APPROVAL: { zh: '撤回同意', en: 'Withdraw the approval' },
  CHANGE_RETURN_ADDRESS: { zh: '更改退货地址', en: 'Change the return address' },
  ASSIGN: { zh: '分配', en: 'Assign' },
  CLAIM: { zh: '领取', en: 'Claim' },
  RELEASE: { zh: '释放', en: 'Release' },
  RULE_RETURN: { zh: '平台裁决：退回商品', en: 'Rule: goods go back' },
  RULE_PROCESS: { zh: '平台裁决：商家处理', en: 'Rule: merchant makes good' },
  RULE_CANCEL: { zh: '平台裁决：取消', en: 'Rule: cancelled' },
  RULE_CLOSE: { zh: '平台裁决：关闭', en: 'Rule: closed' },
  RULE_UPHOLD: { zh: '平台裁决：维持', en: 'Rule: upheld' },
});

export const eventKinds = define({
  SUBMITTED: { zh: '客户提交申请', en: 'Applied' },
  APPROVED: { zh: '同意客户发货', en: 'Approved' },
  REJECTED: { zh: '审核不通过', en: 'Rejected' },
  RESENT: { zh: '不退货补发新品', en: 'New item sent' },
  FEEDBACK_REQUESTED: { zh: '待客户反馈', en: 'Customer asked' },
  GIVEN_UP: { zh: '客户放弃', en: 'Customer gave up' },
  AUTO_APPROVED: { zh: '超时自动通过', en: 'Approved automatically' },
  AUTO_APPROVAL_BLOCKED: { zh: '缺少退货地址，未能自动通过', en: 'Automatic approval blocked' },
  AUTO_APPROVAL_UNBLOCKED: { zh: '已有退货地址，恢复自动通过', en: 'Automatic approval resumes' },
  RESPONDED: { zh: '客户反馈', en: 'Customer answered' },
  AMENDED: { zh: '补充资料', en: 'Customer amended' },
  FEEDBACK_EXPIRED: { zh: '反馈超时取消', en: 'Cancelled: no answer' },
  SHIPMENT_EXPIRED: { zh: '发货超时取消', en: 'Cancelled: not sent' },
  SHIPPED: { zh: '客户发货', en: 'Sent by the customer' },
  WAYBILL_CORRECTED: { zh: '更正运单', en: 'Waybill corrected' },
  CANCELLED: { zh: '取消申请', en: 'Cancelled' },
  RECEIVED: { zh: '拆包登记', en: 'Received' },
  CANCELLED_RECEIVED: { zh: '登记已取消的包裹', en: 'Cancelled parcel received' },
  CANCELLED_RETURNED: { zh: '退回已取消的包裹', en: 'Cancelled parcel returned' },
  REFUNDED: { zh: '退款', en: 'Refunded' },
  REFUND_SETTLED: { zh: '退款到账', en: 'Refund paid' },
  REFUND_FAILED: { zh: '退款失败', en: 'Refund failed' },
  EXCHANGED: { zh: '换新', en: 'Exchanged' },
  REPAIRED: { zh: '维修', en: 'Repaired' },
  SENT_BACK: { zh: '原返', en: 'Sent back' },
  SOLVED: { zh: '已解决', en: 'Solved' },
  SHIPMENT_UPDATED: { zh: '补填运单', en: 'Waybill added' },
  REPLIED: { zh: '回复', en: 'Replied' },
  CLOSED: { zh: '关闭', en: 'Closed' },
  UNDONE: { zh: '撤销处理', en: 'Last step undone' },
  CONFIRMED: { zh: '客户确认', en: 'Confirmed' },
  AUTO_CONFIRMED: { zh: '超时自动确认', en: 'Confirmed automatically' },
  REPORTED_UNSOLVED: { zh: '反馈未解决', en: 'Customer objected' },
  ESCALATED: { zh: '申请平台介入', en: 'Platform asked to step in' },
  NOTED: { zh: '内部备注', en: 'Note' },
  CONTACT_REVEALED: { zh: '查看客户联系方式', en: 'Contact revealed' },
  CLOCK_MOVED: { zh: '计时因暂停时段顺延', en: 'Deadline moved' },
  REOPENED: { zh: '撤回驳回', en: 'Rejection taken back' },
  APPROVAL_WITHDRAWN: { zh: '撤回同意', en: 'Approval withdrawn' },
  RETURN_ADDRESS_CHANGED: { zh: '更改退货地址', en: 'Return address changed' },
  ASSIGNED: { zh: '分配', en: 'Assigned' },
  CLAIMED: { zh: '领取', en: 'Claimed' },
  RELEASED: { zh: '释放', en: 'Released' },
  RULED_RETURN: { zh: '平台裁决：退回商品', en: 'Ruling: goods go back' },
  RULED_PROCESS: { zh: '平台裁决：商家处理', en: 'Ruling: merchant makes good' },
  RULED_CANCELLED: { zh: '平台裁决：取消', en: 'Ruling: cancelled' },
  RULED_CLOSED: { zh: '平台裁决：关闭', en: 'Ruling: closed' },
  RULED_UPHELD: { zh: '平台裁决：维持', en: 'Ruling: upheld' },
  PERSONAL_DATA_ERASED: { zh: '客户个人信息已删除', en: 'Personal data erased' },
});

export const clockKinds = define({
  REVIEW: { zh: '待审核', en: 'Review' },
  FEEDBACK: { zh: '待客户反馈', en: 'Answer' },
  SHIPMENT: { zh: '待客户发货', en: 'Shipment' },
  RECEIPT: { zh: '待收货', en: 'Receipt' },
  PROCESSING: { zh: '待处理', en: 'Processing' },
  CONFIRMATION: { zh: '待客户确认', en: 'Confirmation' },
});

export const logistics = define({
  CUSTOMER_SHIPS: { zh: '客户发货', en: 'Customer ships' },
  DROP_OFF: { zh: '客户送货', en: 'Customer brings it' },
  PICKUP: { zh: '上门取件', en: 'Courier picks up' },
});

export const goodsFindings = define({
  AS_APPLIED: { zh: '与申请一致', en: 'As applied' },
  WRONG_GOODS: { zh: '货不对板', en: 'Other goods' },
  INCOMPLETE: { zh: '数量不足', en: 'Incomplete' },
});

export const refundStatuses = define({
  SUBMITTED: { zh: '退款中', en: 'Submitted' },
  SUCCEEDED: { zh: '退款成功', en: 'Paid' },
  FAILED: { zh: '退款失败', en: 'Failed' },
});

export const refundMethods = define({
  ORIGINAL_PAYMENT: { zh: '原路退回', en: 'Original payment' },
  BALANCE: { zh: '账户余额', en: 'Balance' },
  OFFLINE: { zh: '线下转账', en: 'Bank transfer' },
});

/** How the merchant makes it good after a ruling. */
export const remedies = define({
  REFUND: { zh: '退款', en: 'Refund' },
  EXCHANGE: { zh: '换新', en: 'Exchange' },
  REPAIR: { zh: '维修', en: 'Repair' },
  OTHER: { zh: '其他，见说明', en: 'Other: see the text' },
});

export const permissions = define({
  SERVICE_ORDER_READ: { zh: '查看服务单', en: 'Read orders' },
  REVIEW: { zh: '审核', en: 'Review' },
  RECEIVE: { zh: '收货', en: 'Receive' },
  PROCESS: { zh: '处理', en: 'Process' },
  REFUND: { zh: '退款', en: 'Refund' },
  NOTE: { zh: '内部备注', en: 'Write notes' },
  ASSIGN: { zh: '分配', en: 'Assign' },
  CUSTOMER_CONTACT_READ: { zh: '查看客户联系方式', en: 'Reveal contacts' },
  EXPORT: { zh: '导出', en: 'Export' },
  QUALITY_READ: { zh: '查看服务质量', en: 'Read service quality' },
  SETTINGS_MANAGE: { zh: '管理设置', en: 'Manage settings' },
  STAFF_MANAGE: { zh: '管理员工', en: 'Manage staff' },
  APPLICATION_SUBMIT: { zh: '提交售后申请', en: 'Submit applications' },
  CUSTOMER_ACT: { zh: '代客户操作', en: 'Act for customers' },
  REFUND_REPORT: { zh: '报告退款结果', en: 'Report refunds' },
  ENROLMENT_REVIEW: { zh: '审核开通申请', en: 'Decide on enrolment' },
  INTERVENE: { zh: '平台介入', en: 'Rule on orders' },
  CALENDAR_MANAGE: { zh: '管理日历', en: 'Manage the calendar' },
  MERCHANT_READ: { zh: '查看所有商家', en: 'Read all merchants' },
  PLATFORM_ACCOUNT_MANAGE: { zh: '管理平台账号', en: 'Manage platform accounts' },
  QUALITY_MANAGE: { zh: '管理评价方案', en: 'Manage evaluation plans' },
});

/** The five decisions of a review, in the order of their keys. */
export const decisions = define({
  APPROVE: { zh: '同意', en: 'Approve' },
  REJECT: { zh: '驳回', en: 'Reject' },
  RESEND: { zh: '补发新品', en: 'Send new' },
  REQUEST_FEEDBACK: { zh: '询问客户', en: 'Ask' },
  RECORD_GIVE_UP: { zh: '客户放弃', en: 'Given up' },
});
