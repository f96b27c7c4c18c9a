// An order beside the queue: what there is to know, and the decision.
import { Link } from 'react-router';
import { useQuery } from 'urql';

import type { Decision } from '../../api/decisions';
import { useViewer } from '../../api/viewer';
import { Loaded } from '../../components/Loaded';
import { Money } from '../../components/Money';
import { Pictures } from '../../components/Pictures';
import { StatusTag, Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { expectations } from '../../i18n/terms';
import { ORDER, type Order } from '../order/documents';
import { useRenewed } from '../order/useRenewed';
import { Outcome } from '../order/Outcome';
import { ClockBar } from './ClockBar';
import { messages } from './messages';
import { ReviewForm } from './ReviewForm';
import './review.css';

interface Props {
  readonly id: string;
  readonly initial: Decision | null;
  readonly onNext: () => void;
  readonly onClose: () => void;
}

export default function ReviewPanel({ id, initial, onNext, onClose }: Props) {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: ORDER, variables: { id } });
  const order = result.data?.serviceOrder;
  return (
    <div className="panel">
      <header className="panel-head">
        {order && (
          <>
            <h2 className="mono">{order.number}</h2>
            <StatusTag of={order.status} />
          </>
        )}
        <span className="grow" />
        <Link to={`/orders/${id}`} className="nowrap">{t.openPage}</Link>
        <button type="button" className="icon-button" onClick={onClose} aria-label={t.close} title={t.close}>×</button>
      </header>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ serviceOrder }) =>
          serviceOrder ? <Body order={serviceOrder} initial={initial} onNext={onNext} refresh={() => refresh({ requestPolicy: 'network-only' })} /> : <p className="empty">{t.notFound}</p>
        }
      </Loaded>
    </div>
  );
}

function Body({ order, initial, onNext, refresh }: { order: Order; initial: Decision | null; onNext: () => void; refresh: () => void }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const isReview = order.status === 'PENDING_REVIEW';
  // Another person's step changes the row by the live updates; the rest of the order is asked for again.
  useRenewed(order.version, refresh);
  return (
    <>
      <div className="panel-body">
        <ClockBar of={order.clock} />
        <Brief order={order} />
        {!isReview && <Outcome order={order} />}
      </div>
      <footer className="panel-foot">
        {viewer.may('REVIEW') && <ReviewForm order={order} initial={initial} onDone={onNext} />}
        {isReview && !viewer.may('REVIEW') && <p className="muted">{t.mayNot}</p>}
        {!isReview && <button type="button" className="chip" onClick={onNext}>{t.next} <kbd>j</kbd></button>}
      </footer>
    </>
  );
}

function Brief({ order }: { order: Order }) {
  const t = useMessages(messages);
  const wants = useMessages(expectations);
  return (
    <>
      <section>
        <p className="brief-goods">
          <strong>{order.item.name}</strong>
          <span className="muted nowrap">× {order.item.quantity}</span>
        </p>
        <p className="row wrap muted">
          <Tag tone="violet">{wants[order.expectation]}</Tag>
          <span>{order.reason.name}</span>
          <span>{t.paid} <Money of={order.item.paidAmount} /></span>
          <span>{order.customer.name} {order.customer.phone}</span>
        </p>
      </section>
      <section>
        <h3>{t.words}</h3>
        <p className="words">{order.description || <span className="muted">{t.noWords}</span>}</p>
        <Pictures of={order.pictures} label={t.pictures} />
      </section>
      {order.siblings.length > 0 && (
        <section>
          <h3>{t.siblings}</h3>
          <ul className="siblings">
            {order.siblings.map(({ id, number, item, status }) => (
              <li key={id}>
                <Link to={`/orders/${id}`} className="mono">{number}</Link> <span className="ellipsis grow">{item.name}</span> <StatusTag of={status} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
