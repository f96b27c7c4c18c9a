import { useEffect, useState } from 'react';

import { Segmented } from 'antd';
import { useQuery, useSubscription } from 'urql';

import { graphql } from '../../api/graphql';
import type { QualityAlertsPageQuery, QualityMetric } from '../../api/graphql/graphql';
import { usePages } from '../../api/usePages';
import { useViewer } from '../../api/viewer';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { useFigureText } from './figures';
import { messages } from './messages';
import { Thresholds, type Definition } from './Thresholds';

const ALERTS = graphql(`
  query QualityAlertsPage($open: Boolean!, $after: String) {
    qualityAlerts(open: $open, first: 20, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id merchant { id name } metric owner value denominator raisedAt recoveredAt recoveredValue threshold { side limit days minimumCases } }
    }
  }
`);
const CHANGES = graphql(`subscription QualityAlertChanges { qualityAlerts { cursor } }`);
const DEFINITIONS = graphql(`query QualityDefinitions { qualityMetrics { metric name unit } }`);

type Alert = NonNullable<QualityAlertsPageQuery['qualityAlerts']>['nodes'][number];

export function Alerts() {
  const viewer = useViewer();
  const [result, refresh] = useQuery({ query: DEFINITIONS });
  return (
    <Loaded of={result} onRetry={refresh}>
      {({ qualityMetrics }) => (
        <>
          {viewer.may('QUALITY_READ', 'MERCHANT_READ') && <List definitions={qualityMetrics} />}
          <Thresholds definitions={qualityMetrics} />
        </>
      )}
    </Loaded>
  );
}

function List({ definitions }: { definitions: readonly Definition[] }) {
  const t = useMessages(messages);
  const figureText = useFigureText();
  const { isPlatform } = useViewer();
  const [open, setOpen] = useState(true);
  const pages = usePages(ALERTS, { open }, data => data.qualityAlerts);
  const [{ data: change }] = useSubscription({ query: CHANGES });
  const cursor = change?.qualityAlerts.cursor;
  useEffect(() => {
    if (cursor) pages.refresh();
    // Once for each change that arrives.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [cursor]);
  const of = (metric: QualityMetric) => definitions.find(definition => definition.metric === metric);
  const text = (metric: QualityMetric, value: number | null) => figureText(value, of(metric)?.unit ?? 'CASES');
  const columns: readonly Column<Alert>[] = [
    ...(isPlatform ? [{ key: 'merchant', title: t.merchant, render: (row: Alert) => row.merchant.name }] : []),
    { key: 'figure', title: t.figure, render: row => of(row.metric)?.name ?? row.metric },
    { key: 'value', title: t.value, align: 'right', render: row => <strong>{text(row.metric, row.value)}</strong> },
    { key: 'cases', title: t.cases, align: 'right', wide: true, render: row => row.denominator },
    { key: 'limit', title: t.limit, render: row => `${t[row.threshold.side]} ${text(row.metric, row.threshold.limit)} · ${t.lastDays(row.threshold.days)}` },
    { key: 'owner', title: t.owner, wide: true, render: row => (isPlatform && row.owner === 'MERCHANT' ? t.merchant : t[row.owner]) },
    { key: 'raised', title: t.raised, render: row => <Instant at={row.raisedAt} /> },
    ...(open ? [] : [{ key: 'recovered', title: t.recovered, wide: true, render: (row: Alert) => <><Instant at={row.recoveredAt} /> {text(row.metric, row.recoveredValue)}</> }]),
  ];
  return (
    <section className="card">
      <h2 className="row">
        <span className="grow">{t.alerts}</span>
        <Segmented size="small" aria-label={t.alerts} value={open} onChange={setOpen} options={[{ value: true, label: t.open }, { value: false, label: t.ended }]} />
      </h2>
      <CursorTable
        label={t.alerts}
        pages={pages}
        columns={columns}
        rowKey={row => row.id}
        empty={t.noAlerts}
      />
    </section>
  );
}
