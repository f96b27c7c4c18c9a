import { Button } from 'antd';

import { connectionStore, retryNow } from '../api/connection';
import { useStore } from '../api/store';
import { useMessages } from '../i18n/messages';
import { messages } from './messages';

/** Says that the server cannot be reached, until it can. */
export function ConnectionBanner() {
  const t = useMessages(messages);
  const connection = useStore(connectionStore);
  return (
    <div role="status" aria-live="polite">
      {connection !== 'up' && (
        <div className="banner">
          <span>{t[connection]}</span>
          {connection === 'outdated' ? (
            <Button size="small" onClick={() => location.reload()}>{t.reload}</Button>
          ) : (
            <Button size="small" onClick={retryNow}>{t.retryNow}</Button>
          )}
        </div>
      )}
    </div>
  );
}
