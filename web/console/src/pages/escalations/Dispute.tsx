// What the platform is asked to decide; once it has ruled, the way to the next dispute.
import { Link } from 'react-router';
import { useQuery } from 'urql';

import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Pictures } from '../../components/Pictures';
import { useMessages } from '../../i18n/messages';
import type { Order } from '../order/documents';
import { NEXT } from './documents';
import { messages } from './messages';

export default function Dispute({ order }: { order: Order }) {
  if (!order.escalatedAt) return null;
  const isRuled = order.ruling !== null && order.ruling.at >= order.escalatedAt;
  return isRuled ? <Next after={order.id} /> : <Asked order={order} />;
}

function Asked({ order }: { order: Order }) {
  const t = useMessages(messages);
  const asked = [...order.timeline].reverse().find(({ kind }) => kind === 'ESCALATED');
  return (
    <section className="card">
      <h2>{t.asked(t[asked?.actor.kind === 'EMPLOYEE' || asked?.actor.kind === 'MAIN_ACCOUNT' ? 'MERCHANT' : 'CUSTOMER'])}</h2>
      <div className="card-body">
        {asked?.customerNote && <p className="words">{asked.customerNote}</p>}
        {asked && <Pictures of={asked.pictures} label={t.title} />}
        <p className="muted"><Instant at={order.escalatedAt} form="full" /> · {t.chooseRuling}</p>
      </div>
    </section>
  );
}

function Next({ after }: { after: string }) {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: NEXT, requestPolicy: 'cache-and-network' });
  return (
    <section className="card">
      <div className="card-body row wrap">
        <strong role="status">{t.ruled}</strong>
        <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
          {({ serviceOrders }) => {
            const next = serviceOrders?.nodes.find(({ id }) => id !== after);
            return next && serviceOrders ? <Link to={`/orders/${next.id}`}>{t.next(serviceOrders.totalCount)}</Link> : <span className="muted">{t.none}</span>;
          }}
        </Loaded>
      </div>
    </section>
  );
}
