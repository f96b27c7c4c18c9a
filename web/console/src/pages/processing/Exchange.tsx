import { useState } from 'react';

import { Checkbox, Input, Radio } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import type { StepProps } from '../order/steps';
import { EXCHANGE } from './documents';
import { messages } from './messages';

type Way = 'goods' | 'purchase';

/** New goods, sent with a waybill or named by the purchase that the storefront made. */
export default function Exchange({ order, onDone }: StepProps) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const [way, setWay] = useState<Way>('goods');
  const [newOrderNumber, setNewOrderNumber] = useState('');
  const [goods, setGoods] = useState(`${order.item.name} × ${order.item.quantity}`.slice(0, 200));
  const [carrier, setCarrier] = useState('');
  const [waybill, setWaybill] = useState('');
  const [isLater, setLater] = useState(false);
  const [note, setNote] = useState('');
  const { submit, problem, isRunning } = useSubmit(EXCHANGE, { keyed: true });
  const send = async () => {
    const sent = way === 'purchase'
      ? { newOrderNumber: newOrderNumber.trim(), later: false }
      : { goods: goods.trim(), later: isLater, ...(!isLater && { carrier: carrier.trim(), waybill: waybill.trim() }) };
    const input = { id: order.id, expectedVersion: order.version, customerNote: note.trim() || null, ...sent };
    if (await submit({ input })) onDone();
  };
  return (
    <Form problem={problem} fields={['newOrderNumber', 'goods', 'carrier', 'waybill', 'customerNote']} send={send} label={names.EXCHANGE} isRunning={isRunning}>
      <Field label={t.way} isGroup>
        <Radio.Group
          optionType="button"
          value={way}
          onChange={event => setWay(event.target.value as Way)}
          options={[{ value: 'goods', label: t.byGoods }, { value: 'purchase', label: t.byPurchase }]}
        />
      </Field>
      {way === 'purchase' ? (
        <Field name="newOrderNumber" problem={problem} label={t.newOrderNumber}>
          <Input autoFocus required maxLength={64} value={newOrderNumber} onChange={event => setNewOrderNumber(event.target.value)} />
        </Field>
      ) : (
        <>
          <Field name="goods" problem={problem} label={t.goods}>
            <Input required maxLength={200} value={goods} onChange={event => setGoods(event.target.value)} />
          </Field>
          <Checkbox checked={isLater} onChange={event => setLater(event.target.checked)}>{t.later}</Checkbox>
          {!isLater && (
            <div className="form-row">
              <Field name="carrier" problem={problem} label={t.carrier}>
                <Input required maxLength={64} value={carrier} onChange={event => setCarrier(event.target.value)} />
              </Field>
              <Field name="waybill" problem={problem} label={t.waybill}>
                <Input required maxLength={64} value={waybill} onChange={event => setWaybill(event.target.value)} />
              </Field>
            </div>
          )}
        </>
      )}
      <Field name="customerNote" problem={problem} label={`${t.customerNote} · ${t.optional}`}>
        <Input.TextArea rows={2} maxLength={500} value={note} onChange={event => setNote(event.target.value)} />
      </Field>
    </Form>
  );
}
