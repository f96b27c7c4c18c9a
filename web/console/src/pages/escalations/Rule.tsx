// A ruling: what follows from it, its text, and how the merchant makes it good.
import { useState } from 'react';

import { Button, Input, InputNumber, Popconfirm, Radio } from 'antd';

import type { Remedy, RulingInput, ServiceOrderAction } from '../../api/graphql/graphql';
import { useStore } from '../../api/store';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { sending } from '../../components/Form';
import { moneyText } from '../../components/Money';
import { Problem } from '../../components/Problem';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { actions, remedies } from '../../i18n/terms';
import { notify } from '../../shell/notices';
import type { StepProps } from '../order/steps';
import { RULE } from './documents';
import { consequences, messages } from './messages';

type Ruling = keyof typeof consequences;

const REMEDIES: readonly Remedy[] = ['REFUND', 'EXCHANGE', 'REPAIR', 'OTHER'];
const LONGEST = 500;

/** Where its fields are in the input. */
const paths: Readonly<Record<Ruling, string>> = {
  RULE_RETURN: 'ruling.returnGoods',
  RULE_PROCESS: 'ruling.process',
  RULE_CANCEL: 'ruling.cancel',
  RULE_CLOSE: 'ruling.close',
  RULE_UPHOLD: 'ruling.uphold',
};

/** The outcome of the input for each ruling. */
const outcomes: Readonly<Record<Ruling, (text: string, remedy: Remedy, amount: string | null) => RulingInput>> = {
  RULE_RETURN: text => ({ returnGoods: { text } }),
  RULE_PROCESS: (text, remedy, amount) => ({ process: { text, remedy, amount: remedy === 'REFUND' ? amount : null } }),
  RULE_CANCEL: text => ({ cancel: { text } }),
  RULE_CLOSE: text => ({ close: { text } }),
  RULE_UPHOLD: text => ({ uphold: { text } }),
};

export default function Rule({ order, action, onDone }: StepProps) {
  const t = useMessages(messages);
  const follows = useMessages(consequences);
  const names = useMessages(actions);
  const ways = useMessages(remedies);
  const locale = localeOf(useStore(languageStore));
  const [text, setText] = useState('');
  const canRefund = Number(order.refundable) > 0;
  const [remedy, setRemedy] = useState<Remedy>(canRefund ? 'REFUND' : 'EXCHANGE');
  const [amount, setAmount] = useState<string | null>(canRefund ? order.refundable : null);
  const [isAsked, setAsked] = useState(false);
  const { submit, problem, isRunning } = useSubmit(RULE, { keyed: true });
  if (!isRuling(action)) return null;
  const hasAmount = action === 'RULE_PROCESS' && remedy === 'REFUND';
  const at = paths[action];
  const send = async () => {
    setAsked(false);
    const ruling = outcomes[action](text.trim(), remedy, amount);
    if (!(await submit({ input: { id: order.id, expectedVersion: order.version, ruling } }))) return;
    notify(t.done);
    onDone();
  };
  return (
    <form className="form" onSubmit={sending(() => setAsked(true))}>
      <p><strong>{t.follows}</strong> · {follows[action]}</p>
      {action === 'RULE_PROCESS' && (
        <Field name={`${at}.remedy`} problem={problem} label={t.remedy} isGroup>
          <Radio.Group value={remedy} onChange={event => setRemedy(event.target.value as Remedy)} options={REMEDIES.map(value => ({ value, label: ways[value] }))} />
        </Field>
      )}
      {hasAmount && (
        <Field name={`${at}.amount`} problem={problem} label={t.amount} hint={t.atMost(moneyText(order.refundable, locale))}>
          <InputNumber stringMode min="0.01" precision={2} step="1" style={{ width: '100%' }} value={amount} onChange={value => setAmount(value === null ? null : String(value))} />
        </Field>
      )}
      <Field name={`${at}.text`} problem={problem} label={t.text}>
        <Input.TextArea required autoFocus rows={4} maxLength={LONGEST} value={text} onChange={event => setText(event.target.value)} />
      </Field>
      <Problem of={besides(problem, `${at}.remedy`, `${at}.text`, ...(hasAmount ? [`${at}.amount`] : []))} onRetry={() => void send()} />
      <Popconfirm
        open={isAsked}
        trigger={[]}
        title={t.confirm}
        description={t.confirmHint}
        okText={t.yes}
        cancelText={t.no}
        onConfirm={() => void send()}
        onCancel={() => setAsked(false)}
        onOpenChange={isOpen => !isOpen && setAsked(false)}
      >
        <Button type="primary" htmlType="submit" loading={isRunning} disabled={!text.trim()}>{names[action]}</Button>
      </Popconfirm>
    </form>
  );
}

function isRuling(action: ServiceOrderAction): action is Ruling {
  return action in consequences;
}
