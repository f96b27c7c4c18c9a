// Everything of an order on one page.
import CopyOutlined from '@ant-design/icons/es/icons/CopyOutlined';
import PrinterOutlined from '@ant-design/icons/es/icons/PrinterOutlined';
import { Link, useParams } from 'react-router';
import { useQuery, useSubscription } from 'urql';

import { LIVE } from '../../api/live';
import { useViewer } from '../../api/viewer';
import { Instant } from '../../components/Instant';
import { loadable } from '../../components/loadable';
import { Loaded } from '../../components/Loaded';
import { Money } from '../../components/Money';
import { Pictures } from '../../components/Pictures';
import { StatusTag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { expectations, logistics } from '../../i18n/terms';
import { notify } from '../../shell/notices';
import { ClockBar } from '../review/ClockBar';
import { ReviewForm } from '../review/ReviewForm';
import { Actions } from './Actions';
import { Contact } from './Contact';
import { ORDER, type Order as Data } from './documents';
import { messages } from './messages';
import { Note } from './Note';
import { Outcome } from './Outcome';
import { Timeline } from './Timeline';
import { useRenewed } from './useRenewed';
import './order.css';

const Dispute = loadable(() => import('../escalations/Dispute'));

export default function Order() {
  const t = useMessages(messages);
  const { id = '' } = useParams();
  const viewer = useViewer();
  const [result, refresh] = useQuery({ query: ORDER, variables: { id } });
  useSubscription({ query: LIVE, pause: viewer.isPlatform });
  const renew = () => refresh({ requestPolicy: 'network-only' });
  return (
    <div className="page order-page">
      <Loaded of={result} onRetry={renew}>
        {({ serviceOrder }) => (serviceOrder ? <Page order={serviceOrder} renew={renew} /> : <p className="empty">{t.notFound}</p>)}
      </Loaded>
    </div>
  );
}

function Page({ order, renew }: { order: Data; renew: () => void }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  useRenewed(order.version, renew);
  const copy = () => void navigator.clipboard?.writeText(order.number).then(() => notify(t.copied));
  return (
    <>
      <div className="page-head">
        {!viewer.isPlatform && <Link to="/queue" aria-label={t.back} title={t.back}>←</Link>}
        {viewer.may('INTERVENE') && <Link to="/platform/escalations" aria-label={t.backToDisputes} title={t.backToDisputes}>←</Link>}
        <h1 className="mono">{order.number}</h1>
        <button type="button" className="icon-button" onClick={copy} aria-label={t.copy} title={t.copy}><CopyOutlined /></button>
        <Link to={`/orders/${order.id}/slip`} className="icon-button" aria-label={t.slip} title={t.slip}><PrinterOutlined /></Link>
        <StatusTag of={order.status} />
        <span className="muted">{order.assignee?.name ?? t.nobody}</span>
      </div>
      <ClockBar of={order.clock} />
      {viewer.may('INTERVENE') && <Dispute order={order} />}
      <div className="order-columns">
        <div className="order-main">
          <Application order={order} />
          <Words order={order} />
          {(order.review ?? order.receipt ?? order.processing ?? order.inbound ?? order.refunds[0] ?? order.ruling) && (
            <section className="card card-body outcome-list order-late">
              <Outcome order={order} />
            </section>
          )}
          <section className="card order-late">
            <h2>{t.timeline}</h2>
            <div className="card-body">
              {viewer.may('NOTE') && <Note id={order.id} />}
              <Timeline events={order.timeline} />
            </div>
          </section>
        </div>
        <div className="order-side">
          {viewer.may('REVIEW') && (
            <div className="card card-body review-card">
              <ReviewForm order={order} initial={null} onDone={renew} />
            </div>
          )}
          {order.actions.length > 0 && (
            <section className="card">
              <h2>{t.actions}</h2>
              <div className="card-body actions"><Actions order={order} /></div>
            </section>
          )}
          <section className="card">
            <h2>{t.customer}</h2>
            <div className="card-body actions"><Contact order={order} /></div>
          </section>
          {order.siblings.length > 0 && <Siblings order={order} />}
        </div>
      </div>
    </>
  );
}

function Application({ order }: { order: Data }) {
  const t = useMessages(messages);
  const { isPlatform } = useViewer();
  const wants = useMessages(expectations);
  const ways = useMessages(logistics);
  const { item } = order;
  return (
    <section className="card">
      <h2>{item.name}</h2>
      <dl className="facts facts-wide card-body">
        {isPlatform && (
          <>
            <dt>{t.merchant}</dt>
            <dd>{order.merchant.name}</dd>
          </>
        )}
        <dt>{t.expectation}</dt>
        <dd>{wants[order.expectation]}</dd>
        <dt>{t.reason}</dt>
        <dd>{order.reason.name}</dd>
        <dt>{t.quantity}</dt>
        <dd>{item.purchasedQuantity ? t.ofPurchased(item.quantity, item.purchasedQuantity) : item.quantity}</dd>
        <dt>{t.paid}</dt>
        <dd><Money of={item.paidAmount} /></dd>
        <dt>{t.refundable}</dt>
        <dd><Money of={order.refundable} /></dd>
        <dt>{t.logistics}</dt>
        <dd>{ways[order.logisticsIn]}</dd>
        <dt>{t.sku}</dt>
        <dd className="mono">{item.sku}</dd>
        <dt>{t.purchase}</dt>
        <dd className="mono">{order.orderNumber}</dd>
        <dt>{t.appliedAt}</dt>
        <dd><Instant at={order.appliedAt} form="full" /></dd>
      </dl>
    </section>
  );
}

function Words({ order }: { order: Data }) {
  const t = useMessages(messages);
  if (!order.description && !order.pictures.length) return null;
  return (
    <section className="card card-body">
      <p className="words">{order.description}</p>
      <Pictures of={order.pictures} label={t.application} />
    </section>
  );
}

function Siblings({ order }: { order: Data }) {
  const t = useMessages(messages);
  return (
    <section className="card">
      <h2>{t.siblings}</h2>
      <ul className="card-body siblings">
        {order.siblings.map(({ id, number, item, status }) => (
          <li key={id}>
            <Link to={`/orders/${id}`} className="mono">{number}</Link>
            <span className="ellipsis grow">{item.name}</span>
            <StatusTag of={status} />
          </li>
        ))}
      </ul>
    </section>
  );
}
