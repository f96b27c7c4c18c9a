// A new password by a one-time code.
import { useState } from 'react';

import { Button, Input } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import { NewPassword } from '../account/NewPassword';
import { REDEEM } from './documents';
import { messages } from './messages';

export default function RedeemReset({ onDone, onBack }: { onDone: (login: string) => void; onBack: () => void }) {
  const t = useMessages(messages);
  const [login, setLogin] = useState('');
  const [code, setCode] = useState('');
  const [newPassword, setNew] = useState('');
  const { submit, problem, isRunning } = useSubmit(REDEEM);
  const send = async () => {
    if (await submit({ input: { login: login.trim(), code: code.trim(), newPassword } })) onDone(login.trim());
  };
  return (
    <>
      <Form problem={problem} fields={['login', 'code', 'newPassword']} send={send} label={t.setPassword} isRunning={isRunning}>
        <h2>{t.redeem}</h2>
        <p className="muted">{t.redeemHint}</p>
        <Field name="login" problem={problem} label={t.login}>
          <Input name="login" required autoFocus autoComplete="username" value={login} onChange={event => setLogin(event.target.value)} />
        </Field>
        <Field name="code" problem={problem} label={t.code} hint={t.codeHint}>
          <Input name="code" required autoComplete="one-time-code" value={code} onChange={event => setCode(event.target.value)} />
        </Field>
        <NewPassword value={newPassword} onChange={setNew} problem={problem} />
      </Form>
      <Button type="link" onClick={onBack}>{t.back}</Button>
    </>
  );
}
