import { define } from '../../i18n/messages';

export const messages = define({
  title: { zh: (n: number) => `批量审核 ${n} 单`, en: (n: number) => `Review ${n} orders` },
  plan: { zh: '预演', en: 'Plan' },
  planHint: { zh: '先预演：看清每一单的结果，什么都不会改变。', en: 'Plan first: it shows what each order would get, and changes nothing.' },
  carryOut: { zh: (n: number) => `执行 ${n} 单`, en: (n: number) => `Carry out ${n}` },
  retry: { zh: (n: number) => `重试剩余 ${n} 单`, en: (n: number) => `Try the other ${n} again` },
  planned: { zh: (yes: number, no: number) => `可执行 ${yes} 单，不可执行 ${no} 单`, en: (yes: number, no: number) => `${yes} can be decided, ${no} cannot` },
  result: { zh: (yes: number, no: number) => `已完成 ${yes} 单，未完成 ${no} 单`, en: (yes: number, no: number) => `${yes} done, ${no} not` },
  would: { zh: '可执行', en: 'Possible' },
  done: { zh: '已完成', en: 'Done' },
  not: { zh: '未完成', en: 'Not done' },
  cannot: { zh: '不可执行', en: 'Not possible' },
  order: { zh: '服务单', en: 'Order' },
  verdict: { zh: '结果', en: 'Result' },
  details: { zh: '说明', en: 'Details' },
  close: { zh: '关闭', en: 'Close' },
  change: { zh: '修改', en: 'Change' },
  tooMany: { zh: '一次最多 100 单，只取前 100 单。', en: 'At most 100 at once: the first 100 are taken.' },
  atomic: { zh: '有一单不可执行时全部不执行', en: 'All or none' },
});
