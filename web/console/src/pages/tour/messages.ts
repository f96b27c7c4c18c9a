import { define } from '../../i18n/messages';

export const messages = define({
  label: { zh: '导览', en: 'Tour' },
  you: {
    zh: (name: string, job: string, overdue: number) => `您是${name}，${job}${overdue ? `；${overdue} 张服务单急需处理` : ''}。`,
    en: (name: string, job: string, overdue: number) => `You are ${name}, ${job}${overdue ? `; ${overdue} orders are urgent` : ''}.`,
  },
  youText: {
    zh: '这是商家的售后工作台。48 小时内没有审核的申请，系统会自动通过，一次且绝不提前。',
    en: 'This is the after-sales desk of a merchant. The system approves what nobody reviews within 48 hours: once, and never early.',
  },
  queue: { zh: '队列与计数', en: 'Queues and counters' },
  queueText: {
    zh: '每个队列显示等待和超时的数量，实时更新。最先到期的排在最前，行不会跳动。',
    en: 'Each queue shows what waits and what is overdue, as it is now. What is due first comes first, and rows do not jump.',
  },
  decide: { zh: '两个键完成审核', en: 'Two keys to a decision' },
  decideText: {
    zh: '用 j、k 选择服务单，按 1 到 5 选择结论，回车提交。按 ? 查看全部快捷键。',
    en: 'Choose an order with j and k, press 1 to 5 for the decision, and Enter. Press ? for all keys.',
  },
  search: { zh: '一个查找框', en: 'One search box' },
  searchText: {
    zh: '服务单号、订单号、手机号后四位、运单号、姓名，直接输入即可。',
    en: 'Numbers, the last four digits of a phone, waybills, names: just type.',
  },
  role: { zh: '换个身份看看', en: 'See it as somebody else' },
  roleText: {
    zh: '点击您的名字可以切换演示账号：处理员、主管、主账号、平台。',
    en: 'Click your name to become another person of the demo: processor, supervisor, main account, platform.',
  },
});
