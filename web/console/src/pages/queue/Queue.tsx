import { Link } from 'react-router';

import { graphql } from '../../api/graphql';
import type { QueuePageQuery } from '../../api/graphql/graphql';
import { usePages } from '../../api/usePages';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { StatusTag } from '../../components/StatusTag';

const QUEUE = graphql(`
  query QueuePage($filter: ServiceOrderFilter, $orderBy: ServiceOrderOrdering!, $after: String) {
    serviceOrders(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
      nodes { id number version status appliedAt customer { name } item { name quantity } }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

type Row = NonNullable<QueuePageQuery['serviceOrders']>['nodes'][number];

const COLUMNS: readonly Column<Row>[] = [
  { key: 'number', title: 'No.', render: row => <Link to={`/orders/${row.id}`}>{row.number}</Link> },
  { key: 'item', title: 'Item', render: row => row.item.name },
  { key: 'customer', title: 'Customer', render: row => row.customer.name },
  { key: 'status', title: 'Status', render: row => <StatusTag of={row.status} /> },
  { key: 'applied', title: 'Applied', render: row => <Instant at={row.appliedAt} />, wide: true },
];

export default function Queue() {
  const pages = usePages(QUEUE, { filter: { status: ['PENDING_REVIEW'] }, orderBy: 'DUE_AT_ASC' }, data => data.serviceOrders);
  return (
    <div className="page">
      <div className="card">
        <CursorTable
          label="queue"
          rows={pages.nodes}
          columns={COLUMNS}
          rowKey={row => row.id}
          hasMore={pages.hasMore}
          isLoading={pages.isLoading}
          onMore={pages.more}
          {...(pages.totalCount !== undefined && { totalCount: pages.totalCount })}
        />
      </div>
    </div>
  );
}
