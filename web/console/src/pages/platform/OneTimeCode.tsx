import { Instant } from '../../components/Instant';
import { Secret } from '../../components/Secret';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

/** A secret that the server does not show again, and how long it is good. */
export function OneTimeCode({ code, expiresAt = null, hint }: { code: string; expiresAt?: string | null; hint: string }) {
  const t = useMessages(messages);
  return (
    <Secret label={hint} text={code}>
      {expiresAt && <span className="muted">{t.validUntil} <Instant at={expiresAt} form="full" /></span>}
    </Secret>
  );
}
