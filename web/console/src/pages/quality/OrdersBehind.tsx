// The cases that a figure counts, each with its order.
import { Drawer } from 'antd';
import { Link } from 'react-router';

import { graphql } from '../../api/graphql';
import type { OrdersBehindQuery } from '../../api/graphql/graphql';
import { usePages } from '../../api/usePages';
import { useViewer } from '../../api/viewer';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import type { Behind } from './figures';
import { kinds, marks, messages } from './messages';

const BEHIND = graphql(`
  query OrdersBehind($period: QualityPeriod!, $metrics: [QualityMetric!]!, $part: QualityPart!, $employeeId: ID, $merchantId: ID, $after: String) {
    qualityReport(period: $period, metrics: $metrics, part: $part, employeeId: $employeeId, merchantId: $merchantId, first: 20, after: $after) {
      figures {
        metric
        orders {
          totalCount
          pageInfo { hasNextPage endCursor }
          nodes { kind at hours points marks employee { id name } serviceOrder { id number item { name } } }
        }
      }
    }
  }
`);

type Orders = NonNullable<NonNullable<OrdersBehindQuery['qualityReport']>['figures'][number]['orders']>;
export type Case = Orders['nodes'][number];

export function useCaseColumns(): readonly Column<Case>[] {
  const t = useMessages(messages);
  const k = useMessages(kinds);
  const m = useMessages(marks);
  return [
    { key: 'number', title: t.number, render: row => <Link className="mono" to={`/orders/${row.serviceOrder.id}`}>{row.serviceOrder.number}</Link> },
    { key: 'goods', title: t.goods, render: row => row.serviceOrder.item.name, wide: true },
    { key: 'kind', title: t.kind, render: row => k[row.kind], wide: true },
    { key: 'at', title: t.at, render: row => <Instant at={row.at} /> },
    { key: 'hours', title: t.duration, align: 'right', render: row => (row.points === null ? (row.hours === null ? '–' : row.hours.toFixed(1)) : t.points(String(row.points))) },
    { key: 'marks', title: t.marks, wide: true, render: row => <span className="muted">{row.marks.filter(mark => mark !== 'BY_PERSON').map(mark => m[mark]).join(' · ') || '–'}</span> },
    { key: 'who', title: t.employee, render: row => row.employee?.name ?? t.nobody },
  ];
}

export function OrdersBehind({ of, onClose }: { of: Behind | null; onClose: () => void }) {
  const t = useMessages(messages);
  return (
    <Drawer
      open={of !== null}
      onClose={onClose}
      size={860}
      destroyOnHidden
      title={of && `${of.name} · ${of.part === 'NUMERATOR' ? t.numerator : t.denominator}`}
      styles={{ body: { padding: 0 } }}
    >
      {of && <Cases of={of} />}
    </Drawer>
  );
}

function Cases({ of }: { of: Behind }) {
  const t = useMessages(messages);
  const columns = useCaseColumns();
  const mayRead = useViewer().may('SERVICE_ORDER_READ', 'MERCHANT_READ');
  const pages = usePages(
    BEHIND,
    { period: of.period, metrics: [of.metric], part: of.part, employeeId: of.employeeId, merchantId: of.merchantId ?? null },
    data => data.qualityReport?.figures[0]?.orders,
    { pause: !mayRead },
  );
  if (!mayRead) return <p className="empty">{t.noRead}</p>;
  return (
    <>
      <CursorTable
        label={t.ordersOf}
        pages={pages}
        columns={columns}
        rowKey={row => `${row.kind} ${row.at} ${row.serviceOrder.id}`}
        empty={t.noOrders}
      />
    </>
  );
}
