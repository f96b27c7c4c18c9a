import { useState } from 'react';

import { Button, Input } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { sending } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { CHANGE_PASSWORD } from './documents';
import { messages } from './messages';
import { NewPassword } from './NewPassword';

export function ChangePassword() {
  // What was typed goes once it is done.
  const [turn, setTurn] = useState(0);
  const t = useMessages(messages);
  return (
    <section className="card">
      <div className="card-head"><h2>{t.changePassword}</h2><p className="muted">{t.changePasswordHint}</p></div>
      <Form key={turn} onDone={() => setTurn(turn + 1)} />
    </section>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const t = useMessages(messages);
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const { submit, problem, isRunning } = useSubmit(CHANGE_PASSWORD);
  const send = async () => {
    if (!(await submit({ input: { currentPassword, newPassword } }))) return;
    notify(t.passwordChanged);
    onDone();
  };
  return (
    <form className="card-body form narrow-form" onSubmit={sending(send)}>
      <Field name="currentPassword" problem={problem} label={t.currentPassword}>
        <Input.Password required autoComplete="current-password" value={currentPassword} onChange={event => setCurrent(event.target.value)} />
      </Field>
      <NewPassword value={newPassword} onChange={setNew} problem={problem} />
      <Problem of={besides(problem, 'currentPassword', 'newPassword')} onRetry={() => void send()} />
      <div><Button type="primary" htmlType="submit" loading={isRunning}>{t.changePassword}</Button></div>
    </form>
  );
}
