import { useState } from 'react';

import { Input, Select } from 'antd';
import { useQuery } from 'urql';

import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import type { StepProps } from '../order/steps';
import { ADDRESSES } from '../review/documents';
import { CHANGE_RETURN_ADDRESS } from './documents';
import { messages } from './messages';

/** Another return address for an approval, until the goods are sent. */
export default function ReturnAddress({ order, onDone }: StepProps) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const [{ data, fetching }] = useQuery({ query: ADDRESSES });
  const [returnAddressId, setAddressId] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const { submit, problem, isRunning } = useSubmit(CHANGE_RETURN_ADDRESS, { keyed: true });
  const send = async () => {
    const input = { id: order.id, expectedVersion: order.version, returnAddressId, customerNote: note.trim() || null };
    if (await submit({ input })) onDone();
  };
  return (
    <Form problem={problem} fields={['returnAddressId', 'customerNote']} send={send} label={names.CHANGE_RETURN_ADDRESS} isRunning={isRunning}>
      <Field name="returnAddressId" problem={problem} label={t.address}>
        <Select
          loading={fetching}
          value={returnAddressId ?? ''}
          onChange={value => setAddressId(value || null)}
          options={[
            { value: '', label: t.byRules },
            ...(data?.returnAddresses ?? []).map(({ id, contact, region, detail }) => ({ value: id, label: `${contact} · ${region} ${detail}` })),
          ]}
        />
      </Field>
      <Field name="customerNote" problem={problem} label={`${t.customerNote} · ${t.optional}`}>
        <Input.TextArea rows={2} maxLength={500} value={note} onChange={event => setNote(event.target.value)} />
      </Field>
    </Form>
  );
}
