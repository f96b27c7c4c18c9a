// Why goods go to a return address, as the server names it: `SKU_PREFIX AB-`, `DEFAULT`, `CHOSEN`.
import { define, useMessages } from './messages';

export const ruleKinds = define({
  SKU_PREFIX: { zh: 'SKU 前缀', en: 'SKU begins with' },
  CATEGORY: { zh: '类目', en: 'Category' },
  WAREHOUSE: { zh: '仓库', en: 'Warehouse' },
});

const others = define({
  DEFAULT: { zh: '默认地址', en: 'Default address' },
  CHOSEN: { zh: '人工指定', en: 'Chosen by a person' },
});

export function useRuleText(): (rule: string) => string {
  const names: Readonly<Record<string, string>> = { ...useMessages(ruleKinds), ...useMessages(others) };
  return rule => {
    const [kind = '', ...value] = rule.split(' ');
    return [names[kind] ?? kind, ...value].join(' ');
  };
}
