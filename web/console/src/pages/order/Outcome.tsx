// What has been decided and done on an order so far.
import type { ReactNode } from 'react';

import { Instant } from '../../components/Instant';
import { Money } from '../../components/Money';
import { Pictures } from '../../components/Pictures';
import { Tag } from '../../components/StatusTag';
import { useRuleText } from '../../i18n/addressRules';
import { useMessages } from '../../i18n/messages';
import { actions, goodsFindings, refundMethods, refundStatuses, remedies } from '../../i18n/terms';
import type { Order } from './documents';
import { messages } from './messages';

export function Outcome({ order }: { order: Order }) {
  return (
    <>
      {order.review && <Review review={order.review} />}
      {order.inbound && <Inbound inbound={order.inbound} />}
      {order.receipt && <Receipt receipt={order.receipt} />}
      {order.processing && <Processing processing={order.processing} />}
      {order.refunds.length > 0 && <Refunds refunds={order.refunds} />}
      {order.ruling && <Ruling ruling={order.ruling} />}
    </>
  );
}

type Fact = readonly [name: string, value: ReactNode];

function Facts({ title, of }: { title: string; of: readonly (Fact | null | false | undefined | '')[] }) {
  return (
    <section className="outcome-section">
      <h3>{title}</h3>
      <dl className="facts">
        {of.map(
          fact =>
            fact && (
              <div key={fact[0]} className="fact">
                <dt>{fact[0]}</dt>
                <dd>{fact[1]}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}

function Review({ review }: { review: NonNullable<Order['review']> }) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const ruleText = useRuleText();
  const { decision, automatic, reviewer, at, reason, customerNote, returnAddress, returnAddressRule, shipment, evidence } = review;
  return (
    <>
      <Facts
        title={t.review}
        of={[
          [names[decision], <>{automatic ? t.automatic : reviewer.name} · <Instant at={at} /></>],
          reason && [t.reviewReason, reason.name],
          customerNote && [t.note, <span key="note" className="words">{customerNote}</span>],
          returnAddress && [t.returnAddress, <>{returnAddress.contact} {returnAddress.phone}<br />{returnAddress.region} {returnAddress.detail}{returnAddressRule && <> <Tag>{ruleText(returnAddressRule)}</Tag></>}</>],
          shipment && [t.shipment, parcel(shipment)],
        ]}
      />
      <Pictures of={evidence} label={t.evidence} />
    </>
  );
}

function Inbound({ inbound }: { inbound: NonNullable<Order['inbound']> }) {
  const t = useMessages(messages);
  return <Facts title={t.inbound} of={[[inbound.carrier ?? '–', <><span className="mono">{inbound.waybill ?? '–'}</span> · <Instant at={inbound.at} /></>]]} />;
}

function Receipt({ receipt }: { receipt: NonNullable<Order['receipt']> }) {
  const t = useMessages(messages);
  const findings = useMessages(goodsFindings);
  return (
    <>
      <Facts
        title={t.receipt}
        of={[
          [t.at, <Instant key="at" at={receipt.at} />],
          receipt.goods && [t.goods, findings[receipt.goods]],
          receipt.receivedQuantity !== null && [t.quantity, receipt.receivedQuantity],
          receipt.remark && [t.remark, receipt.remark],
        ]}
      />
      <Pictures of={receipt.evidence} label={t.receipt} />
    </>
  );
}

function Processing({ processing }: { processing: NonNullable<Order['processing']> }) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const { action, by, at, customerNote, newOrderNumber, report, shipment } = processing;
  return (
    <Facts
      title={t.processing}
      of={[
        [names[action], <>{by.name} · <Instant at={at} /></>],
        newOrderNumber && [t.purchase, <span key="number" className="mono">{newOrderNumber}</span>],
        report && [t.remark, report],
        customerNote && [t.note, customerNote],
        shipment && [t.shipment, parcel(shipment)],
      ]}
    />
  );
}

function Refunds({ refunds }: { refunds: Order['refunds'] }) {
  const t = useMessages(messages);
  const states = useMessages(refundStatuses);
  const methods = useMessages(refundMethods);
  return (
    <Facts
      title={t.refunds}
      of={refunds.map(({ number, amount, method, status, failure }) => [
        number,
        <>
          <Money of={amount} /> · {methods[method]} <Tag tone={status === 'SUCCEEDED' ? 'green' : status === 'FAILED' ? 'red' : 'amber'}>{states[status]}</Tag>
          {failure && <div className="danger">{failure}</div>}
        </>,
      ])}
    />
  );
}

function Ruling({ ruling }: { ruling: NonNullable<Order['ruling']> }) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const ways = useMessages(remedies);
  return (
    <Facts
      title={t.ruling}
      of={[
        [names[ruling.action], <>{ruling.forCustomer ? t.forCustomer : t.forMerchant} · {ruling.by.name} · <Instant at={ruling.at} /></>],
        ruling.remedy && [t.remedy, <>{ways[ruling.remedy]}{ruling.amount !== null && <> <Money of={ruling.amount} /></>}</>],
        [t.rulingText, ruling.text],
      ]}
    />
  );
}

function parcel({ goods, carrier, waybill }: { goods: string | null; carrier: string | null; waybill: string | null }): string {
  return [goods, carrier, waybill].filter(Boolean).join(' · ');
}
