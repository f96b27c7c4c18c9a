import type { EnrolmentFactsFragment } from '../../api/graphql/graphql';
import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';
import './platform.css';

/** What the merchant applied for and what the platform decided, the latest first. */
export function EnrolmentHistory({ of: { attempts, suspensions } }: { of: EnrolmentFactsFragment }) {
  const t = useMessages(messages);
  const lines = [
    ...attempts.flatMap(({ appliedAt, appliedBy, reviewedAt, reviewedBy, result, reason }) => [
      { at: appliedAt, who: appliedBy.name, what: t.applied, why: null },
      ...(reviewedAt ? [{ at: reviewedAt, who: reviewedBy?.name ?? '', what: result === 'REJECTED' ? t.rejectedEvent : t.approvedEvent, why: reason }] : []),
    ]),
    ...suspensions.flatMap(({ suspendedAt, suspendedBy, reason, resumedAt, resumedBy, resumeReason }) => [
      { at: suspendedAt, who: suspendedBy.name, what: t.suspendedEvent, why: reason },
      ...(resumedAt ? [{ at: resumedAt, who: resumedBy?.name ?? '', what: t.resumedEvent, why: resumeReason }] : []),
    ]),
  ].sort((one, other) => other.at.localeCompare(one.at));
  return (
    <section className="platform-section">
      <h2>{t.history}</h2>
      <ol>
        {lines.map(({ at, who, what, why }) => (
          <li key={`${at} ${what}`}>
            <span className="row wrap"><strong>{what}</strong>{who}<span className="muted"><Instant at={at} form="full" /></span></span>
            {why && <span className="muted">{why}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
