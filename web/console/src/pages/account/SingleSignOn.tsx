// The link between one's own account and a person at the provider.
import { Button, Popconfirm } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { BEGIN } from '../sign-in/documents';
import { UNLINK } from './documents';
import { redirectUri, startLink } from './linking';
import { messages } from './messages';

export function SingleSignOn() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const beginning = useSubmit(BEGIN);
  const unlinking = useSubmit(UNLINK);
  const begin = async () => {
    // Opened at once: a browser refuses a tab that opens after an answer was waited for.
    const tab = window.open('', '_blank');
    const payload = await beginning.submit({ input: { merchantId: viewer.merchant?.id ?? null, redirectUri: redirectUri() } });
    if (payload?.authorizationUrl && payload.transaction) startLink(tab ?? window, payload.authorizationUrl, payload.transaction);
    else tab?.close();
  };
  const unlink = async () => {
    if (await unlinking.submit({})) notify(t.unlinked);
  };
  return (
    <section className="card">
      <div className="card-head"><h2>{t.singleSignOn}</h2><p className="muted">{t.singleSignOnHint}</p></div>
      <div className="card-body form">
        <div className="row wrap">
          <Button loading={beginning.isRunning} onClick={() => void begin()}>{t.link}</Button>
          <Popconfirm title={t.unlink} description={t.unlinkHint} okText={t.yes} cancelText={t.no} onConfirm={() => unlink()}>
            <Button danger loading={unlinking.isRunning}>{t.unlink}</Button>
          </Popconfirm>
        </div>
        <Problem of={beginning.problem ?? unlinking.problem} onRetry={() => void begin()} />
      </div>
    </section>
  );
}
