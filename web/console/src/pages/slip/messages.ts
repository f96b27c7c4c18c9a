import { define } from '../../i18n/messages';

export const messages = define({
  title: { zh: '服务单', en: 'Service order' },
  print: { zh: '打印', en: 'Print' },
  back: { zh: '返回服务单', en: 'Back to the order' },
  paper: { zh: '纸张', en: 'Paper' },
  words: { zh: '客户描述', en: 'What the customer says' },
  decision: { zh: '审核结论', en: 'Decision' },
  waybill: { zh: '寄回运单', en: 'Waybill' },
  received: { zh: '收货', en: 'Received' },
  printedAt: { zh: '打印时间', en: 'Printed' },
});
