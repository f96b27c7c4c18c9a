import { Alert, Typography } from 'antd';

import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

/** A secret that the server does not show again: to copy now. */
export function OneTimeCode({ code, expiresAt = null, hint }: { code: string; expiresAt?: string | null; hint: string }) {
  const t = useMessages(messages);
  return (
    <Alert
      type="success"
      title={hint}
      description={
        <>
          <Typography.Text code copyable className="platform-code">{code}</Typography.Text>
          {expiresAt && <p className="muted">{t.validUntil} <Instant at={expiresAt} form="full" /></p>}
        </>
      }
    />
  );
}
