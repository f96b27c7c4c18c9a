import type { ReactNode } from 'react';

import { Countdown } from '../../components/Countdown';
import { Instant } from '../../components/Instant';
import { Money } from '../../components/Money';
import { StatusTag, Tag } from '../../components/StatusTag';
import { expectations } from '../../i18n/terms';
import { useMessages } from '../../i18n/messages';
import type { Row } from './documents';
import { messages } from './messages';

type Title = 'columnClock' | 'columnItem' | 'columnCustomer' | 'columnReason' | 'columnExpectation' | 'columnPaid' | 'columnAssignee' | 'columnApplied' | 'columnStatus';

export interface DeskColumn {
  readonly key: string;
  readonly title: Title;
  readonly className: string;
  /** `isGone`: the row is no longer one of this queue, and shows where it is now. */
  readonly Cell: (props: { row: Row; isGone: boolean }) => ReactNode;
}

export const columns: readonly DeskColumn[] = [
  { key: 'clock', title: 'columnClock', className: 'c-clock', Cell: ({ row, isGone }) => (isGone ? <StatusTag of={row.status} /> : <ClockCell row={row} />) },
  { key: 'item', title: 'columnItem', className: 'c-item', Cell: ({ row }) => <ItemCell row={row} /> },
  { key: 'expectation', title: 'columnExpectation', className: 'c-tag', Cell: ({ row }) => <ExpectationCell row={row} /> },
  { key: 'reason', title: 'columnReason', className: 'c-reason', Cell: ({ row }) => <span className="ellipsis">{row.reason.name}</span> },
  { key: 'customer', title: 'columnCustomer', className: 'c-name', Cell: ({ row }) => row.customer.name },
  { key: 'paid', title: 'columnPaid', className: 'c-money right', Cell: ({ row }) => <Money of={row.item.paidAmount} /> },
  { key: 'assignee', title: 'columnAssignee', className: 'c-name', Cell: ({ row }) => row.assignee?.name ?? <span className="muted">–</span> },
  { key: 'applied', title: 'columnApplied', className: 'c-time', Cell: ({ row }) => <Instant at={row.appliedAt} /> },
  { key: 'status', title: 'columnStatus', className: 'c-status', Cell: ({ row }) => <StatusTag of={row.status} /> },
];

function ClockCell({ row }: { row: Row }) {
  const t = useMessages(messages);
  return (
    <>
      <Countdown of={row.clock} />
      {row.target?.missed && <span className="dot dot-amber" title={t.targetMissed} role="img" aria-label={t.targetMissed} />}
    </>
  );
}

function ItemCell({ row }: { row: Row }) {
  const t = useMessages(messages);
  const { name, quantity } = row.item;
  return (
    <span className="c-item-text">
      <span className="ellipsis" title={name}>{name}</span>
      {quantity > 1 && <span className="muted nowrap">× {quantity}</span>}
      {row.pictures.length > 0 && <span className="muted nowrap" title={t.pictures(row.pictures.length)}>▣ {row.pictures.length}</span>}
    </span>
  );
}

function ExpectationCell({ row }: { row: Row }) {
  const t = useMessages(expectations);
  return <Tag tone={row.expectation === 'RETURN' ? 'grey' : row.expectation === 'EXCHANGE' ? 'violet' : 'amber'}>{t[row.expectation]}</Tag>;
}
