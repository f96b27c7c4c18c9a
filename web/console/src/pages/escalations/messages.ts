import { define } from '../../i18n/messages';

export const messages = define({
  title: { zh: '纠纷裁决', en: 'Disputes' },
  hint: {
    zh: '客户或商家申请平台介入的服务单，等待最久的在前。打开服务单查看经过和凭证，并作出裁决。',
    en: 'Orders on which the customer or the merchant asked the platform to step in, the longest wait first. Open one to see its history and pictures, and rule on it.',
  },
  number: { zh: '服务单号', en: 'Number' },
  merchant: { zh: '商家', en: 'Merchant' },
  goods: { zh: '商品', en: 'Goods' },
  expectation: { zh: '客户期望', en: 'Expectation' },
  reason: { zh: '申请原因', en: 'Reason' },
  status: { zh: '状态', en: 'Status' },
  paid: { zh: '实付', en: 'Paid' },
  since: { zh: '申请介入', en: 'Asked' },
  waits: { zh: '已等待', en: 'Waits' },
  empty: { zh: '没有等待裁决的服务单', en: 'No order waits for a ruling' },
  wait: { zh: (n: number) => `${n} 单等待裁决`, en: (n: number) => (n === 1 ? '1 order waits' : `${n} orders wait`) },

  asked: { zh: (who: string) => `${who}申请平台介入`, en: (who: string) => `${who} asked the platform to step in` },
  CUSTOMER: { zh: '客户', en: 'The customer' },
  MERCHANT: { zh: '商家', en: 'The merchant' },
  chooseRuling: { zh: '请看过申请、凭证和处理记录后裁决。', en: 'Read the application, the pictures and the timeline, then rule.' },
  ruled: { zh: '平台已裁决', en: 'The platform has ruled' },
  next: { zh: (n: number) => `下一单（还有 ${n} 单）`, en: (n: number) => `Next dispute (${n} wait)` },
  none: { zh: '没有其他等待裁决的服务单。', en: 'No other order waits for a ruling.' },

  remedy: { zh: '商家如何处理', en: 'What the merchant does' },
  amount: { zh: '退款金额（元）', en: 'Amount to refund (CNY)' },
  atMost: { zh: (amount: string) => `最多 ${amount}，留空则由商家定`, en: (amount: string) => `At most ${amount}. Empty: the merchant decides` },
  text: { zh: '裁决说明（客户和商家都能看到）', en: 'Text of the ruling (customer and merchant read it)' },
  follows: { zh: '裁决后', en: 'What follows' },
  confirm: { zh: '确认裁决？', en: 'Rule like this?' },
  confirmHint: { zh: '裁决立即生效，不能撤回。', en: 'It takes effect at once and cannot be taken back.' },
  yes: { zh: '裁决', en: 'Rule' },
  no: { zh: '再想想', en: 'Not yet' },
  done: { zh: '已裁决', en: 'The ruling is sent' },
});

export const consequences = define({
  RULE_RETURN: {
    zh: '支持客户。客户须在 7 天内把商品寄到商家的默认退货地址，再由商家收货、处理。此前登记的寄回和收货会清空。',
    en: "For the customer. The customer has 7 days to send the goods to the merchant's default return address; then the merchant receives and processes them. An earlier parcel and its receipt are cleared.",
  },
  RULE_PROCESS: {
    zh: '支持客户。客户不用退回商品，商家须在 48 小时内按裁决处理，且不能直接关闭服务单。',
    en: 'For the customer. Nothing has to be returned. The merchant has 48 hours to do what is ruled, and may not simply close the order.',
  },
  RULE_CANCEL: {
    zh: '支持商家。服务单取消，这是最终结论。已寄出的包裹由商家登记后退回客户。',
    en: 'For the merchant. The order is cancelled, and this is the last word. A parcel on its way is registered and sent back by the merchant.',
  },
  RULE_CLOSE: {
    zh: '支持商家。服务单完成，客户不能再反馈未解决，这是最终结论。',
    en: 'For the merchant. The order is completed, and the customer can no longer object: this is the last word.',
  },
  RULE_UPHOLD: {
    zh: '支持商家。维持驳回或取消，状态不变，这是最终结论。',
    en: 'For the merchant. The order stays rejected or cancelled as it is, and this is the last word.',
  },
});
