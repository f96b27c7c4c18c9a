import { useState, type SubmitEvent } from 'react';

import { Button, Input } from 'antd';

import { deviceToken, signedIn } from '../../api/session';
import { useSubmit } from '../../api/useSubmit';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { SIGN_IN } from './documents';
import { messages } from './messages';

export function SignInForm() {
  const t = useMessages(messages);
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const { submit, isRunning, problem } = useSubmit(SIGN_IN);

  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    const known = deviceToken();
    const input = { login, password, ...(known && { deviceToken: known }) };
    const payload = await submit({ input });
    if (payload?.viewer) signedIn(payload, payload.viewer.id, payload.deviceToken);
  };

  return (
    <form className="form" onSubmit={event => void send(event)}>
      <Problem of={problem} />
      <label className="field">
        <span>{t.login}</span>
        <Input name="login" autoComplete="username" autoFocus required size="large" value={login} onChange={event => setLogin(event.target.value)} />
      </label>
      <label className="field">
        <span>{t.password}</span>
        <Input.Password name="password" autoComplete="current-password" required size="large" value={password} onChange={event => setPassword(event.target.value)} />
      </label>
      <Button type="primary" htmlType="submit" size="large" block loading={isRunning}>{t.signIn}</Button>
    </form>
  );
}
