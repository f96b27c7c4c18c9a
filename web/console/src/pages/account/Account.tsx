// One's own account: password, devices, single sign-on. For who manages accounts, its provider too.
import { useViewer } from '../../api/viewer';
import { useMessages } from '../../i18n/messages';
import { ChangePassword } from './ChangePassword';
import { messages } from './messages';
import { Provider } from './Provider';
import { Sessions } from './Sessions';
import { SingleSignOn } from './SingleSignOn';

export default function Account() {
  const t = useMessages(messages);
  const viewer = useViewer();
  return (
    <div className="page">
      <div className="page-head"><h1>{t.title}</h1><span className="muted">{viewer.name}</span></div>
      <Sessions />
      <ChangePassword />
      <SingleSignOn />
      {viewer.may('STAFF_MANAGE', 'PLATFORM_ACCOUNT_MANAGE') && <Provider />}
    </div>
  );
}
