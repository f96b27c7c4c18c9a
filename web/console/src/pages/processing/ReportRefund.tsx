import { useState } from 'react';

import { Input, Select } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import type { StepProps } from '../order/steps';
import { REPORT_REFUND } from './documents';
import { messages } from './messages';

/** Reports whether a refund was paid, where no payment service reports it. */
export default function ReportRefund({ order, action, onDone }: StepProps) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const open = order.refunds.filter(({ status }) => status === 'SUBMITTED');
  const [id, setId] = useState(open[0]?.id ?? '');
  const [text, setText] = useState('');
  const { submit, problem, isRunning } = useSubmit(REPORT_REFUND, { keyed: true });
  const isPaid = action === 'SETTLE_REFUND';
  const field = isPaid ? 'paymentRef' : 'reason';
  const send = async () => {
    const input = { id, outcome: isPaid ? ('SUCCEEDED' as const) : ('FAILED' as const), [field]: text.trim() || null };
    if (await submit({ input })) onDone();
  };
  return (
    <Form problem={problem} fields={['id', field]} send={send} label={names[action]} isDangerous={!isPaid} isRunning={isRunning}>
      <Field name="id" problem={problem} label={t.refund}>
        <Select value={id} onChange={setId} options={open.map(({ id: value, number, amount }) => ({ value, label: `${number} · ¥${amount}` }))} />
      </Field>
      <Field name={field} problem={problem} label={`${isPaid ? t.paymentRef : t.failure} · ${t.optional}`}>
        <Input autoFocus maxLength={isPaid ? 64 : 500} value={text} onChange={event => setText(event.target.value)} />
      </Field>
    </Form>
  );
}
