// The slip that goes with a parcel: an order on one sheet of paper, without the console around it.
import { useState, type ReactNode } from 'react';

import { Button, Segmented } from 'antd';
import { Link, useParams } from 'react-router';
import { useQuery } from 'urql';

import { serverNow } from '../../api/serverTime';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { actions, expectations, goodsFindings, statuses } from '../../i18n/terms';
import { ORDER, type Order } from '../order/documents';
import { messages as orderMessages } from '../order/messages';
import { Barcode } from './Barcode';
import { messages } from './messages';
import './slip.css';

const PAPERS = ['A5', 'A4'] as const;

export default function Slip() {
  const t = useMessages(messages);
  const { notFound } = useMessages(orderMessages);
  const { id = '' } = useParams();
  const [paper, setPaper] = useState<(typeof PAPERS)[number]>('A5');
  const [result, refresh] = useQuery({ query: ORDER, variables: { id } });
  return (
    <div className="page slip-page">
      <div className="page-head slip-tools">
        <Link to={`/orders/${id}`}>← {t.back}</Link>
        <span className="grow" />
        <Segmented aria-label={t.paper} value={paper} onChange={setPaper} options={[...PAPERS]} />
        <Button type="primary" disabled={!result.data?.serviceOrder} onClick={() => window.print()}>{t.print}</Button>
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ serviceOrder }) => (serviceOrder ? <Sheet order={serviceOrder} paper={paper} /> : <p className="empty">{notFound}</p>)}
      </Loaded>
    </div>
  );
}

function Sheet({ order, paper }: { order: Order; paper: string }) {
  const t = useMessages(messages);
  const words = useMessages(orderMessages);
  const wants = useMessages(expectations);
  const names = useMessages(statuses);
  const [now] = useState(() => new Date(serverNow()).toISOString());
  const { item, customer } = order;
  return (
    <article className={`slip slip-${paper}`} aria-label={t.title}>
      <header>
        <p>{order.merchant.name}</p>
        <h1>{t.title} <span className="mono">{order.number}</span></h1>
        <Barcode of={order.number} />
      </header>
      <dl>
        <Fact name={words.goods}>{item.name} × {item.quantity}</Fact>
        <Fact name={words.sku}><span className="mono">{item.sku}</span></Fact>
        <Fact name={words.purchase}><span className="mono">{order.orderNumber}</span></Fact>
        <Fact name={words.expectation}>{wants[order.expectation]} · {order.reason.name}</Fact>
        <Fact name={words.customer}>{customer.name} {customer.phone}</Fact>
        <Fact name={words.appliedAt}><Instant at={order.appliedAt} form="full" /> · {names[order.status]}</Fact>
        {order.description && <Fact name={t.words}><span className="slip-words">{order.description}</span></Fact>}
        <Outcome order={order} />
      </dl>
      <footer>{t.printedAt} <Instant at={now} form="full" /></footer>
    </article>
  );
}

function Outcome({ order: { review, inbound, receipt } }: { order: Order }) {
  const t = useMessages(messages);
  const words = useMessages(orderMessages);
  const names = useMessages(actions);
  const findings = useMessages(goodsFindings);
  const address = review?.returnAddress;
  return (
    <>
      {review && (
        <Fact name={t.decision}>
          {names[review.decision]} · {review.automatic ? words.automatic : review.reviewer.name} · <Instant at={review.at} form="full" />
          {review.customerNote && <p className="slip-words">{review.customerNote}</p>}
        </Fact>
      )}
      {address && <Fact name={words.returnAddress}>{address.contact} {address.phone}<br />{address.region} {address.detail}</Fact>}
      {inbound && <Fact name={t.waybill}>{inbound.carrier} <span className="mono">{inbound.waybill}</span></Fact>}
      {receipt && <Fact name={t.received}><Instant at={receipt.at} form="full" />{receipt.goods && ` · ${findings[receipt.goods]}`}</Fact>}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
