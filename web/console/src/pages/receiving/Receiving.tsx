// The work list of who receives parcels and processes goods. A scanner types a waybill and Enter.
import { useRef, useState } from 'react';

import { Button, Input, Tabs, type InputRef } from 'antd';
import { useSearchParams } from 'react-router';
import { useClient, useSubscription } from 'urql';

import type { ServiceOrderFilter, ServiceOrderOrdering } from '../../api/graphql/graphql';
import { LIVE } from '../../api/live';
import { failureOf } from '../../api/problem';
import { usePages, type Pages } from '../../api/usePages';
import { Countdown } from '../../components/Countdown';
import { CursorTable, type Column } from '../../components/CursorTable';
import { sending } from '../../components/Form';
import { useFailureText } from '../../components/Problem';
import { StatusTag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { expectations } from '../../i18n/terms';
import { FIND, LIST, type Row } from './documents';
import { messages } from './messages';
import { OrderDrawer } from './OrderDrawer';
import './receiving.css';

interface List {
  readonly filter: ServiceOrderFilter;
  readonly orderBy: ServiceOrderOrdering;
}
const LISTS = {
  underWay: { filter: { status: ['AWAITING_RECEIPT'] }, orderBy: 'DUE_AT_ASC' },
  received: { filter: { status: ['AWAITING_PROCESSING'] }, orderBy: 'DUE_AT_ASC' },
  sentOn: { filter: { status: ['AWAITING_CONFIRMATION'] }, orderBy: 'UPDATED_AT_DESC' },
  toShip: { filter: { status: ['AWAITING_SHIPMENT'] }, orderBy: 'DUE_AT_ASC' },
  cancelled: { filter: { status: ['CANCELLED'] }, orderBy: 'UPDATED_AT_DESC' },
} as const satisfies Record<string, List>;
type Tab = keyof typeof LISTS;
const TABS = Object.keys(LISTS) as readonly Tab[];

export default function Receiving() {
  const t = useMessages(messages);
  const [params, setParams] = useSearchParams();
  const tab = TABS.find(name => name === params.get('tab')) ?? 'underWay';
  const parcel = params.get('parcel');
  const opened = params.get('o');
  const field = useRef<InputRef>(null);
  useSubscription({ query: LIVE });
  const list: List = parcel ? { filter: { waybill: parcel }, orderBy: 'APPLIED_AT_DESC' } : LISTS[tab];
  const pages = usePages(LIST, { filter: list.filter, orderBy: list.orderBy }, data => data.serviceOrders);

  const go = (changed: Readonly<Record<string, string | null>>) =>
    setParams(known => {
      const next = new URLSearchParams(known);
      for (const [name, value] of Object.entries(changed)) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      return next;
    });
  const ready = () => {
    pages.refresh();
    field.current?.focus({ cursor: 'all' });
  };

  return (
    <div className="page">
      <div className="page-head">
        <h1>{t.title}</h1>
        <Scanner ref={field} onOne={id => go({ o: id })} onSeveral={code => go({ parcel: code, o: null })} />
      </div>
      <section className="card">
        <Tabs
          className="list-tabs"
          activeKey={parcel ? 'parcel' : tab}
          onChange={key => go({ tab: key === 'parcel' ? tab : key, parcel: key === 'parcel' ? parcel : null })}
          items={[
            ...TABS.map(name => ({ key: name, label: t[name] })),
            ...(parcel ? [{ key: 'parcel', label: t.several(parcel, pages.totalCount ?? pages.nodes.length) }] : []),
          ]}
        />
        <Orders onOpen={id => go({ o: id })} pages={pages} />
      </section>
      <OrderDrawer id={opened} onClose={() => go({ o: null })} onClosed={ready} />
    </div>
  );
}

interface ScannerProps {
  readonly ref: React.RefObject<InputRef | null>;
  readonly onOne: (id: string) => void;
  readonly onSeveral: (waybill: string) => void;
}

function Scanner({ ref, onOne, onSeveral }: ScannerProps) {
  const t = useMessages(messages);
  const client = useClient();
  const failureText = useFailureText();
  const [code, setCode] = useState('');
  const [said, setSaid] = useState('');
  const [isLooking, setLooking] = useState(false);
  const find = async () => {
    const wanted = code.trim();
    if (!wanted || isLooking) return;
    setLooking(true);
    const variables = { waybill: { waybill: wanted }, number: { number: wanted } };
    const { data, error } = await client.query(FIND, variables, { requestPolicy: 'network-only' }).toPromise();
    setLooking(false);
    const parcel = data?.byWaybill?.nodes ?? [];
    const found = parcel.length ? parcel : (data?.byNumber?.nodes ?? []);
    setSaid(error ? failureText(failureOf(error)) : found.length ? '' : t.notFound(wanted));
    // The next scan overwrites this one.
    ref.current?.focus({ cursor: 'all' });
    if (found.length === 1 && found[0]) onOne(found[0].id);
    else if (found.length) onSeveral(wanted);
  };
  return (
    <form role="search" className="scanner" onSubmit={sending(find)}>
      <Input
        ref={ref}
        autoFocus
        allowClear
        aria-label={t.scan}
        placeholder={`${t.scan} · ${t.scanHint}`}
        value={code}
        onChange={event => setCode(event.target.value)}
        {...(said && { status: 'warning' as const })}
      />
      <Button htmlType="submit" loading={isLooking}>{t.find}</Button>
      <span role="status" className="scanner-said">{said}</span>
    </form>
  );
}

interface OrdersProps {
  readonly onOpen: (id: string) => void;
  readonly pages: Pages<Row>;
}

function Orders({ onOpen, pages }: OrdersProps) {
  const t = useMessages(messages);
  const wants = useMessages(expectations);
  const columns: readonly Column<Row>[] = [
    { key: 'number', title: t.number, width: '176px', wide: true, render: row => <button type="button" className="link mono" onClick={() => onOpen(row.id)}>{row.number}</button> },
    { key: 'goods', title: t.goods, render: row => <Goods of={row} onOpen={() => onOpen(row.id)} /> },
    { key: 'wants', title: t.wants, width: '72px', wide: true, render: row => wants[row.expectation] },
    { key: 'waybill', title: t.waybill, wide: true, render: row => <Waybill of={row.inbound} /> },
    { key: 'customer', title: t.customer, width: '80px', wide: true, render: row => row.customer.name },
    { key: 'status', title: t.status, width: '110px', wide: true, render: row => <StatusTag of={row.status} /> },
    { key: 'left', title: t.left, width: '150px', align: 'right', render: row => <span className="nowrap"><Countdown of={row.clock} /></span> },
  ];
  return (
    <CursorTable
      label={t.title}
      pages={pages}
      columns={columns}
      rowKey={row => row.id}
      empty={t.empty}
    />
  );
}

/** On a phone the number stands above the goods, and is what opens the order. */
function Goods({ of: { number, item }, onOpen }: { of: Row; onOpen: () => void }) {
  return (
    <>
      <button type="button" className="link mono only-narrow" onClick={onOpen}>{number}</button>
      {item.name} <span className="muted nowrap">× {item.quantity}</span>
    </>
  );
}

function Waybill({ of }: { of: Row['inbound'] }) {
  if (!of?.waybill) return <span className="muted">–</span>;
  return <span className="nowrap">{of.carrier} <span className="mono">{of.waybill}</span></span>;
}
