import { useState } from 'react';

import { Select } from 'antd';
import { Link } from 'react-router';
import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import type { AtRiskPageQuery, AtRiskSharesQuery } from '../../api/graphql/graphql';
import { usePages } from '../../api/usePages';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { StatusTag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

const AT_RISK = graphql(`
  query AtRiskPage($withinHours: Int!, $after: String) {
    atRisk(withinHours: $withinHours, first: 20, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id number status item { name } clock { dueAt } assignee { id name } }
    }
  }
`);
const SHARES = graphql(`
  query AtRiskShares($withinHours: Int!) {
    atRiskByAssignee(withinHours: $withinHours) { assignee { id name } orders earliestDueAt }
  }
`);

type Row = NonNullable<AtRiskPageQuery['atRisk']>['nodes'][number];
type Share = NonNullable<AtRiskSharesQuery['atRiskByAssignee']>[number];

export function AtRisk() {
  const t = useMessages(messages);
  const [withinHours, setHours] = useState(24);
  const pages = usePages(AT_RISK, { withinHours }, data => data.atRisk);
  const [shares, refresh] = useQuery({ query: SHARES, variables: { withinHours } });
  const columns: readonly Column<Row>[] = [
    { key: 'number', title: t.number, render: row => <Link className="mono" to={`/orders/${row.id}`}>{row.number}</Link> },
    { key: 'goods', title: t.goods, wide: true, render: row => row.item.name },
    { key: 'status', title: t.status, render: row => <StatusTag of={row.status} /> },
    { key: 'due', title: t.due, render: row => <Instant at={row.clock?.dueAt ?? null} /> },
    { key: 'who', title: t.assignee, render: row => row.assignee?.name ?? <span className="muted">{t.unassigned}</span> },
  ];
  const byPerson: readonly Column<Share>[] = [
    { key: 'who', title: t.assignee, render: row => row.assignee?.name ?? <span className="muted">{t.unassigned}</span> },
    { key: 'orders', title: t.orders, align: 'right', render: row => row.orders },
    { key: 'earliest', title: t.earliest, render: row => <Instant at={row.earliestDueAt} /> },
  ];
  return (
    <>
      <label className="row">
        <span>{t.within}</span>
        <Select value={withinHours} onChange={setHours} options={[4, 12, 24, 72, 168].map(value => ({ value, label: t.withinHours(value) }))} />
      </label>
      <section className="card">
        <h2>{t.assignee}</h2>
        <Loaded of={shares} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
          {({ atRiskByAssignee }) => (
            <CursorTable label={t.assignee} rows={atRiskByAssignee ?? []} columns={byPerson} rowKey={row => row.assignee?.id ?? ''} empty={t.nothingAtRisk} />
          )}
        </Loaded>
      </section>
      <section className="card">
        <h2>{t.orders}</h2>
        <CursorTable
          label={t.atRisk}
          pages={pages}
          columns={columns}
          rowKey={row => row.id}
          empty={t.nothingAtRisk}
        />
      </section>
    </>
  );
}
