import { useState, type SubmitEvent } from 'react';

import { Button, Input } from 'antd';

import { deviceToken, signedIn } from '../../api/session';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { SIGN_IN } from './documents';
import { messages } from './messages';

export function SignInForm({ known = '' }: { known?: string }) {
  const t = useMessages(messages);
  const [login, setLogin] = useState(known);
  const [password, setPassword] = useState('');
  const { submit, isRunning, problem } = useSubmit(SIGN_IN);

  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const device = deviceToken();
    const input = { login, password, ...(device && { deviceToken: device }) };
    const payload = await submit({ input });
    if (payload?.viewer) signedIn(payload, payload.viewer.id, payload.deviceToken);
  };

  return (
    <form className="form" onSubmit={event => void send(event)}>
      <Problem of={besides(problem, 'login', 'password')} />
      <Field name="login" problem={problem} label={t.login}>
        <Input name="login" autoComplete="username" autoFocus={!known} required size="large" value={login} onChange={event => setLogin(event.target.value)} />
      </Field>
      <Field name="password" problem={problem} label={t.password}>
        <Input.Password name="password" autoComplete="current-password" autoFocus={Boolean(known)} required size="large" value={password} onChange={event => setPassword(event.target.value)} />
      </Field>
      <Button type="primary" htmlType="submit" size="large" block loading={isRunning}>{t.signIn}</Button>
    </form>
  );
}
