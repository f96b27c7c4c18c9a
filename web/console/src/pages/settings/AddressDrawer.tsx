import { useState } from 'react';

import { Button, Checkbox, Drawer, Popconfirm } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { Form } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { WhyNot } from '../../components/WhyNot';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { ADDRESS_FIELDS, AddressFields, inputOf, NO_ADDRESS, type AddressDraft } from './AddressFields';
import { DELETE_ADDRESS, SAVE_ADDRESS, type Address } from './documents';
import { messages } from './messages';

interface Props {
  /** `new` for another one. */
  readonly of: Address | 'new' | null;
  readonly onClose: () => void;
}

export function AddressDrawer({ of, onClose }: Props) {
  const t = useMessages(messages);
  return (
    <Drawer open={of !== null} onClose={onClose} size={520} destroyOnHidden closable={{ 'aria-label': t.close }} title={of === 'new' ? t.addAddress : t.changeAddress}>
      {of !== null && <AddressForm key={of === 'new' ? of : of.id} address={of === 'new' ? null : of} onDone={onClose} />}
    </Drawer>
  );
}

function AddressForm({ address, onDone }: { address: Address | null; onDone: () => void }) {
  const t = useMessages(messages);
  const [draft, setDraft] = useState(address ? draftOf(address) : NO_ADDRESS);
  const [makeDefault, setDefault] = useState(address?.isDefault ?? false);
  const { submit, problem, isRunning } = useSubmit(SAVE_ADDRESS, { keyed: true });
  const send = async () => {
    if (!(await submit({ input: { id: address?.id ?? null, address: inputOf(draft), makeDefault } }))) return;
    notify(t.saved);
    onDone();
  };
  return (
    <>
      <Form problem={problem} fields={ADDRESS_FIELDS.map(name => `address.${name}`)} send={send} label={t.save} isRunning={isRunning}>
        <AddressFields value={draft} onChange={setDraft} problem={problem} at="address" />
        <Checkbox checked={makeDefault} disabled={address?.isDefault ?? false} onChange={event => setDefault(event.target.checked)}>
          {t.makeDefault}
          <small className="muted"> {address?.isDefault ? t.isDefaultHint : t.makeDefaultHint}</small>
        </Checkbox>
      </Form>
      {address && <Deletion address={address} onDone={onDone} />}
    </>
  );
}

function Deletion({ address, onDone }: { address: Address; onDone: () => void }) {
  const t = useMessages(messages);
  const mustStay = useViewer().merchant?.enrolment === 'ENABLED' && address.isDefault;
  const { submit, problem, isRunning } = useSubmit(DELETE_ADDRESS);
  const remove = async () => {
    if (await submit({ input: { id: address.id } })) onDone();
  };
  return (
    <section className="drawer-steps">
      <WhyNot reasons={mustStay ? [{ message: t.isDefaultHint }] : []}>
        <Popconfirm title={t.deleteAddress} description={t.deleteAddressHint} okText={t.yes} cancelText={t.no} disabled={mustStay} onConfirm={() => remove()}>
          <Button danger disabled={mustStay} loading={isRunning}>{t.deleteAddress}</Button>
        </Popconfirm>
      </WhyNot>
      <Problem of={problem} />
    </section>
  );
}

function draftOf({ contact, phone, zip, provinceCode, cityCode, districtCode, detail }: Address): AddressDraft {
  return { contact, phone, zip: zip ?? '', codes: [provinceCode, cityCode, districtCode], detail };
}
