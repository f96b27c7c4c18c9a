import { InputNumber } from 'antd';

import type { Problem } from '../../api/problem';
import { Field } from '../../components/Field';
import { moneyText } from '../../components/Money';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { useStore } from '../../api/store';
import { messages } from './messages';

interface Props {
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
  readonly problem: Problem | null;
}

export function Ceiling({ value, onChange, problem }: Props) {
  const t = useMessages(messages);
  return (
    <Field name="refundCeiling" problem={problem} label={t.ceiling} hint={t.ceilingHint}>
      <InputNumber stringMode min="0" precision={2} step="100" placeholder={t.noCeiling} style={{ width: 180 }} value={value} onChange={next => onChange(next === null ? null : String(next))} />
    </Field>
  );
}

export function useCeilingText(): (amount: string | null) => string {
  const t = useMessages(messages);
  const locale = localeOf(useStore(languageStore));
  return amount => (amount === null ? t.noCeiling : moneyText(amount, locale));
}
