// Back from the provider: the password confirms that the person there is the person of this account.
import { useState } from 'react';

import { Button, Input } from 'antd';
import { Link as PageLink, useSearchParams } from 'react-router';

import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { besides, Field } from '../../components/Field';
import { sending } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { LINK } from './documents';
import { endLink, linkTransaction } from './linking';
import { messages } from './messages';

export default function Link() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const [params] = useSearchParams();
  const [transaction] = useState(linkTransaction);
  const [currentPassword, setPassword] = useState('');
  const { submit, problem, payload, isRunning } = useSubmit(LINK);
  const [code, state] = [params.get('code'), params.get('state')];
  const send = async () => {
    if (!transaction || !code || !state) return;
    if (await submit({ input: { transaction, code, state, issuer: params.get('iss'), currentPassword } })) endLink();
  };
  const isDone = payload?.done ?? false;
  return (
    <div className="page">
      <div className="page-head"><h1>{t.link}</h1></div>
      <section className="card">
        {isDone && <div className="empty" role="status"><p>{t.linked}</p><PageLink to="/account">{t.title}</PageLink></div>}
        {!isDone && (!transaction || !code || !state) && <div className="empty" role="alert"><p>{params.get('error_description') ?? t.linkLost}</p><PageLink to="/account">{t.title}</PageLink></div>}
        {!isDone && transaction && code && state && (
          <form className="card-body form narrow-form" onSubmit={sending(send)}>
            <p>{t.linkHint(viewer.name)}</p>
            <Field name="currentPassword" problem={problem} label={t.currentPassword}>
              <Input.Password required autoFocus autoComplete="current-password" value={currentPassword} onChange={event => setPassword(event.target.value)} />
            </Field>
            <Problem of={besides(problem, 'currentPassword')} onRetry={() => void send()} />
            <div><Button type="primary" htmlType="submit" loading={isRunning}>{t.link}</Button></div>
          </form>
        )}
      </section>
    </div>
  );
}
