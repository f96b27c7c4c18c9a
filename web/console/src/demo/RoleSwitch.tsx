import { useNavigate } from 'react-router';

import { useSubmit } from '../api/useSubmit';
import { signedIn, signOut } from '../api/session';
import { Problem } from '../components/Problem';
import { define, useMessages } from '../i18n/messages';
import { SIGN_IN } from '../pages/sign-in/documents';
import { jobs, offered, useDemo } from './accounts';

const messages = define({
  title: { zh: '演示账号，一键登录', en: 'Demo accounts, one click' },
});

/** On a demo alone: becomes somebody else with one click. */
export default function RoleSwitch() {
  const t = useMessages(messages);
  const names = useMessages(jobs);
  const demo = useDemo();
  const navigate = useNavigate();
  const { submit, problem, isRunning } = useSubmit(SIGN_IN);
  if (!demo) return null;
  const become = async (login: string) => {
    const payload = await submit({ input: { login, password: demo.password } });
    if (!payload?.viewer) return;
    await signOut();
    await navigate('/'); // the page may not be theirs
    signedIn(payload, payload.viewer.id, payload.deviceToken);
  };
  return (
    <fieldset className="role-switch">
      <legend className="muted">{t.title}</legend>
      <div className="row wrap">
        {offered(demo).map(({ login, job }) => (
          <button key={login} type="button" className="chip" title={login} disabled={isRunning} onClick={() => void become(login)}>
            {names[job]}
          </button>
        ))}
      </div>
      <Problem of={problem} />
    </fieldset>
  );
}
