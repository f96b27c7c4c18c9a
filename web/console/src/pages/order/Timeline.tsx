import { Instant } from '../../components/Instant';
import { Money } from '../../components/Money';
import { Pictures } from '../../components/Pictures';
import { useMessages } from '../../i18n/messages';
import { eventKinds, remedies } from '../../i18n/terms';
import type { OrderEvent } from './documents';
import { messages } from './messages';

/** What happened to an order, the latest first. */
export function Timeline({ events }: { events: readonly OrderEvent[] }) {
  const kinds = useMessages(eventKinds);
  const t = useMessages(messages);
  return (
    <ol className="timeline" aria-label={t.timeline}>
      {[...events].reverse().map(event => (
        <li key={event.sequence} className={`event event-${event.actor.kind}`}>
          <p className="row wrap">
            <strong>{kinds[event.kind]}</strong>
            <span className="muted">{event.actor.name}</span>
            <span className="grow" />
            <span className="muted"><Instant at={event.at} /></span>
          </p>
          <Details event={event} />
        </li>
      ))}
    </ol>
  );
}

function Details({ event }: { event: OrderEvent }) {
  const t = useMessages(messages);
  const ways = useMessages(remedies);
  const { reason, customerNote, internalNote, report, shipment, inbound, refund, assignment, explanation, clockMove, ruling, pictures, newOrderNumber } = event;
  const parcel = shipment ?? inbound;
  return (
    <>
      {reason && <p>{reason.name}</p>}
      {customerNote && <blockquote>{customerNote}</blockquote>}
      {internalNote && <blockquote className="internal">{internalNote}</blockquote>}
      {report && <p>{report}</p>}
      {parcel && <p className="muted">{[shipment?.goods, parcel.carrier, parcel.waybill].filter(Boolean).join(' · ')}</p>}
      {newOrderNumber && <p className="mono muted">{newOrderNumber}</p>}
      {refund && <p><Money of={refund.amount} /> <span className="mono muted">{refund.number}</span></p>}
      {ruling?.remedy && <p className="muted">{ways[ruling.remedy]} {ruling.amount !== null && <Money of={ruling.amount} />}</p>}
      {assignment && <p className="muted">{assignment.previousAssignee?.name ?? t.nobody} {t.assigned(assignment.assignee?.name ?? t.nobody)}</p>}
      {explanation && <p className="muted">{t.explained(explanation.rule)} · <Instant at={explanation.startedAt} /> → <Instant at={explanation.dueAt} /></p>}
      {clockMove && <p className="muted"><Instant at={clockMove.dueBefore} /> → <Instant at={clockMove.dueAfter} /> · {clockMove.window}</p>}
      <Pictures of={pictures} label={t.timeline} />
    </>
  );
}
