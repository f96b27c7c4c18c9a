// What an inspection of returned goods can find, in both languages.
import { define } from './messages';

export const packings = define({
  INTACT: { zh: '包装完好', en: 'Intact' },
  OPENED: { zh: '已拆封', en: 'Opened' },
  DAMAGED: { zh: '破损', en: 'Damaged' },
  MISSING: { zh: '无包装', en: 'None' },
});

export const functions = define({
  WORKING: { zh: '功能正常', en: 'Works' },
  FAULTY: { zh: '有故障', en: 'Faulty' },
  NOT_TESTED: { zh: '未检测', en: 'Not tested' },
});

export const appearances = define({
  LIKE_NEW: { zh: '外观如新', en: 'Like new' },
  USED: { zh: '有使用痕迹', en: 'Used' },
  DAMAGED: { zh: '外观损坏', en: 'Damaged' },
});

export const accessories = define({
  COMPLETE: { zh: '配件齐全', en: 'Complete' },
  INCOMPLETE: { zh: '配件不全', en: 'Incomplete' },
  MISSING: { zh: '无配件', en: 'All missing' },
});

export const invoices = define({
  ENCLOSED: { zh: '附发票', en: 'Enclosed' },
  MISSING: { zh: '缺发票', en: 'Missing' },
  NOT_ISSUED: { zh: '未开票', en: 'Not issued' },
});
