import { Countdown, urgencyOf } from '../../components/Countdown';
import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import { actions, clockKinds } from '../../i18n/terms';
import type { Order } from '../order/documents';
import { clockTexts } from './messages';

/** The clock of an order, and what happens when it runs out. */
export function ClockBar({ of: clock }: { of: Order['clock'] }) {
  const t = useMessages(clockTexts);
  const kinds = useMessages(clockKinds);
  const names = useMessages(actions);
  if (!clock) return null;
  return (
    <div className={`clock-bar clock-${urgencyOf(clock)}`} role="timer" aria-label={kinds[clock.kind]}>
      <span>{kinds[clock.kind]}</span>
      <strong><Countdown of={clock} /></strong>
      {clock.pausedSince ? <span className="muted">{t.paused}</span> : <span className="muted">{t.due} <Instant at={clock.dueAt} /></span>}
      {clock.consequence && <span className="clock-then">{t.then(names[clock.consequence])}</span>}
    </div>
  );
}
