// All merchants, by the status of their enrolment, and the registration of another.
import { useState, type SubmitEvent } from 'react';

import { Button, Input, Modal, Segmented } from 'antd';

import type { EnrolmentStatus } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { Permission } from '../../components/Permission';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { REGISTER } from './documents';
import { MerchantList } from './MerchantList';
import { enrolmentStatuses, messages } from './messages';
import './platform.css';

const SHOWN = ['ENABLED', 'PENDING_REVIEW', 'SUSPENDED', 'REJECTED', 'NOT_ENROLLED'] as const;

export default function Merchants() {
  const t = useMessages(messages);
  const names = useMessages(enrolmentStatuses);
  const [status, setStatus] = useState<EnrolmentStatus | 'ALL'>('ALL');
  const [isRegistering, setRegistering] = useState(false);
  const [registered, setRegistered] = useState('');
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="grow">{t.merchants}</h1>
        <Permission anyOf={['ENROLMENT_REVIEW']}>
          <Button type="primary" onClick={() => setRegistering(true)}>{t.register}</Button>
        </Permission>
      </div>
      <div className="platform-scroll">
        <Segmented
          aria-label={t.status}
          value={status}
          onChange={setStatus}
          options={[{ value: 'ALL' as const, label: t.all }, ...SHOWN.map(value => ({ value, label: names[value] }))]}
        />
      </div>
      <p role="status">{registered && t.registered(registered)}</p>
      <MerchantList key={`${status} ${registered}`} label={t.merchants} status={status === 'ALL' ? null : status} />
      {isRegistering && <Registration onClose={() => setRegistering(false)} onDone={setRegistered} />}
    </div>
  );
}

const FIELDS = ['name', 'mainAccountName', 'login', 'password'] as const;

function Registration({ onClose, onDone }: { onClose: () => void; onDone: (name: string) => void }) {
  const t = useMessages(messages);
  const [input, setInput] = useState({ name: '', mainAccountName: '', login: '', password: '' });
  const { submit, problem, isRunning } = useSubmit(REGISTER);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const payload = await submit({ input });
    if (!payload?.merchant) return;
    onDone(payload.merchant.name);
    onClose();
  };
  return (
    <Modal open title={t.register} footer={null} onCancel={onClose} width={440}>
      <form className="form" onSubmit={event => void send(event)}>
        <Problem of={besides(problem, ...FIELDS)} />
        {FIELDS.map(name => (
          <Field key={name} label={t[name]} problem={problem} name={name} {...(name === 'password' && { hint: t.passwordHint })}>
            <Input
              name={`new-${name}`}
              required
              maxLength={name === 'password' ? 128 : 64}
              type={name === 'password' ? 'password' : 'text'}
              autoComplete={name === 'password' ? 'new-password' : 'off'}
              value={input[name]}
              onChange={event => setInput({ ...input, [name]: event.target.value })}
            />
          </Field>
        ))}
        <div className="row platform-buttons">
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button type="primary" htmlType="submit" loading={isRunning}>{t.register}</Button>
        </div>
      </form>
    </Modal>
  );
}
