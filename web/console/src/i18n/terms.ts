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
