import { useState } from 'react';

import { Button } from 'antd';

import type { EnrolmentFactsFragment, EnrolmentStatus } from '../../api/graphql/graphql';
import { usePages } from '../../api/usePages';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import { ENROLMENTS } from './documents';
import { EnrolmentTag } from './EnrolmentTag';
import { MerchantDrawer } from './MerchantDrawer';
import { messages } from './messages';

interface Props {
  readonly label: string;
  readonly status: EnrolmentStatus | null;
  readonly empty?: string;
}

export function MerchantList({ label, status, empty }: Props) {
  const t = useMessages(messages);
  const pages = usePages(ENROLMENTS, { status }, data => data.enrolments);
  // The merchant itself and not its id: it stays shown when a decision takes it from the list.
  const [shown, setShown] = useState<EnrolmentFactsFragment | null>(null);
  const columns: readonly Column<EnrolmentFactsFragment>[] = [
    {
      key: 'merchant',
      title: t.merchant,
      render: row => <Button type="link" size="small" className="platform-link" onClick={() => setShown(row)}>{row.merchant.name}</Button>,
    },
    { key: 'status', title: t.status, render: row => <EnrolmentTag of={row.status} /> },
    { key: 'attempt', title: t.attempt, render: row => (row.attempts.length ? t.attemptNo(row.attempts.length) : '–'), wide: true },
    { key: 'by', title: t.appliedBy, render: row => row.attempts.at(-1)?.appliedBy.name ?? '–', wide: true },
    { key: 'at', title: t.appliedAt, render: row => <Instant at={row.attempts.at(-1)?.appliedAt ?? null} form="day" /> },
  ];
  const current = shown && (pages.nodes.find(({ id }) => id === shown.id) ?? shown);
  return (
    <div className="card">
      <CursorTable
        label={label}
        pages={pages}
        columns={columns}
        rowKey={row => row.id}
        empty={empty}
      />
      {current && <MerchantDrawer key={current.id} enrolment={current} onDecided={setShown} onClose={() => setShown(null)} />}
    </div>
  );
}
