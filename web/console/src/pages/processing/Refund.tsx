import { useState } from 'react';

import { Input, InputNumber, Radio } from 'antd';

import type { RefundMethod } from '../../api/graphql/graphql';
import type { Refusal } from '../../api/problem';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { moneyText } from '../../components/Money';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { actions, refundMethods } from '../../i18n/terms';
import { useStore } from '../../api/store';
import type { StepProps } from '../order/steps';
import { REFUND } from './documents';
import { messages } from './messages';

const METHODS: readonly RefundMethod[] = ['ORIGINAL_PAYMENT', 'BALANCE', 'OFFLINE'];

export default function Refund({ order, onDone }: StepProps) {
  const t = useMessages(messages);
  const methods = useMessages(refundMethods);
  const names = useMessages(actions);
  const locale = localeOf(useStore(languageStore));
  const { refundCeiling } = useViewer();
  // Amounts stay texts: what is typed is what is sent.
  const [amount, setAmount] = useState<string | null>(order.refundable);
  const [freight, setFreight] = useState<string | null>(null);
  const [method, setMethod] = useState<RefundMethod>('ORIGINAL_PAYMENT');
  const [note, setNote] = useState('');
  const { submit, problem, isRunning } = useSubmit(REFUND, { keyed: true });
  const send = async () => {
    const input = { id: order.id, expectedVersion: order.version, amount: amount ?? '0', freight: freight || null, method, customerNote: note.trim() || null };
    if (await submit({ input })) onDone();
  };
  const permitted = ((problem?.refusals ?? []) as readonly (Refusal & { permitted?: readonly string[] })[]).flatMap(({ permitted: names }) => names ?? []);
  return (
    <Form problem={problem} fields={['amount', 'freight', 'method', 'customerNote']} send={send} label={`${names.REFUND} ${moneyText(amount || '0', locale)}`} isRunning={isRunning}>
      <div className="form-row">
        <Field name="amount" problem={problem} label={t.amount} hint={t.refundable(moneyText(order.refundable, locale))}>
          <InputNumber stringMode autoFocus required min="0" precision={2} step="1" style={{ width: '100%' }} value={amount} onChange={value => setAmount(value === null ? null : String(value))} />
        </Field>
        <Field name="freight" problem={problem} label={`${t.freight} · ${t.optional}`}>
          <InputNumber stringMode min="0" precision={2} step="1" style={{ width: '100%' }} value={freight} onChange={value => setFreight(value === null ? null : String(value))} />
        </Field>
      </div>
      {refundCeiling !== null && <p className="muted">{t.ceiling(moneyText(refundCeiling, locale))}</p>}
      <Field name="method" problem={problem} label={t.method} isGroup>
        <Radio.Group value={method} onChange={event => setMethod(event.target.value as RefundMethod)} options={METHODS.map(value => ({ value, label: methods[value] }))} />
      </Field>
      <Field name="customerNote" problem={problem} label={`${t.customerNote} · ${t.optional}`}>
        <Input.TextArea rows={2} maxLength={500} value={note} onChange={event => setNote(event.target.value)} />
      </Field>
      {permitted.length > 0 && <p className="muted">{t.permitted(permitted.join(', '))}</p>}
    </Form>
  );
}
