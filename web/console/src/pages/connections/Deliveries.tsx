import { useState } from 'react';

import { Button, Segmented } from 'antd';
import { Link } from 'react-router';

import type { WebhookDeliveryStatus } from '../../api/graphql/graphql';
import { usePages } from '../../api/usePages';
import { useSubmit } from '../../api/useSubmit';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { Answer } from './Answer';
import { DELIVERIES, RESEND, type Delivery } from './documents';
import { deliveryStates, messages } from './messages';

const TONES: Readonly<Record<WebhookDeliveryStatus, string>> = { PENDING: 'amber', DELIVERED: 'green', FAILED: 'red' };

export function Deliveries({ endpointId }: { endpointId: string }) {
  const t = useMessages(messages);
  const names = useMessages(deliveryStates);
  const [status, setStatus] = useState<WebhookDeliveryStatus | 'ALL'>('ALL');
  const pages = usePages(DELIVERIES, { endpointId, status: status === 'ALL' ? null : status }, data => data.webhookDeliveries);
  const columns: readonly Column<Delivery>[] = [
    { key: 'at', title: t.at, width: '110px', render: row => <Instant at={row.occurredAt} /> },
    { key: 'event', title: t.event, render: row => <Message of={row} /> },
    { key: 'state', title: t.state, width: '120px', render: row => <State of={row} /> },
    { key: 'answer', title: t.answer, wide: true, render: row => <Answer of={row} /> },
  ];
  return (
    <section className="drawer-steps">
      <div className="row wrap">
        <h3 className="grow">{t.deliveries}</h3>
        <Segmented
          size="small"
          aria-label={t.state}
          value={status}
          onChange={setStatus}
          options={[{ value: 'ALL' as const, label: t.all }, ...(Object.keys(deliveryStates) as WebhookDeliveryStatus[]).map(value => ({ value, label: names[value] }))]}
        />
        <Button size="small" onClick={pages.refresh}>{t.refresh}</Button>
      </div>
      <CursorTable label={t.deliveries} pages={pages} columns={columns} rowKey={row => row.id} empty={t.noDeliveries} />
    </section>
  );
}

function Message({ of }: { of: Delivery }) {
  const t = useMessages(messages);
  return (
    <>
      <span className="mono delivery-type" title={of.messageId}>{of.type}</span>
      {of.serviceOrderId && <Link to={`/orders/${of.serviceOrderId}`}>{t.order}</Link>}
    </>
  );
}

function State({ of }: { of: Delivery }) {
  const t = useMessages(messages);
  const names = useMessages(deliveryStates);
  const { submit, problem, isRunning } = useSubmit(RESEND);
  return (
    <>
      <Tag tone={TONES[of.status]}>{names[of.status]}</Tag>
      <small className="muted delivery-attempts">{t.attempts(of.attempts)}{of.nextAttemptAt && <> · {t.next} <Instant at={of.nextAttemptAt} /></>}</small>
      {of.status !== 'PENDING' && <Button size="small" loading={isRunning} onClick={() => void submit({ input: { id: of.id } })}>{t.resend}</Button>}
      <Problem of={problem} />
    </>
  );
}
