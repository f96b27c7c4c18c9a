import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import type { QualityPeriod } from '../../api/graphql/graphql';
import { usePages } from '../../api/usePages';
import { CursorTable } from '../../components/CursorTable';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { useFigureText } from './figures';
import { kinds, messages } from './messages';
import { useCaseColumns } from './OrdersBehind';
import { PeriodPicker, usePeriod } from './period';

const ACTIVITY = graphql(`
  query ActivityPage($period: QualityPeriod!, $employeeId: ID) {
    activity(period: $period, employeeId: $employeeId) {
      isCurrent
      done { kind cases onTime }
      figures { metric value }
    }
    qualityMetrics { metric name unit }
  }
`);
const CASES = graphql(`
  query ActivityCases($period: QualityPeriod!, $employeeId: ID, $after: String) {
    activity(period: $period, employeeId: $employeeId, first: 20, after: $after) {
      cases {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { kind at hours points marks employee { id name } serviceOrder { id number item { name } } }
      }
    }
  }
`);

/** One's own work: every employee may see it. */
export function Mine() {
  const { chosen, period, choose } = usePeriod();
  return (
    <>
      <PeriodPicker chosen={chosen} choose={choose} />
      <Activity period={period} employeeId={null} />
    </>
  );
}

export function Activity({ period, employeeId }: { period: QualityPeriod; employeeId: string | null }) {
  const t = useMessages(messages);
  const k = useMessages(kinds);
  const figureText = useFigureText();
  const columns = useCaseColumns().filter(({ key }) => key !== 'who');
  const [result, refresh] = useQuery({ query: ACTIVITY, variables: { period, employeeId } });
  const pages = usePages(CASES, { period, employeeId }, data => data.activity?.cases);
  return (
    <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
      {({ activity, qualityMetrics }) =>
        activity && (
          <>
            <section className="card">
              <h2>{t.figures}</h2>
              <dl className="card-body quality-tiles">
                {activity.done.map(({ kind, cases, onTime }) => (
                  <div key={kind}>
                    <dt>{k[kind]}</dt>
                    <dd>{cases}</dd>
                    {onTime > 0 && <dd className="muted">{t.onTime(onTime)}</dd>}
                  </div>
                ))}
                {activity.figures.map(({ metric, value }) => {
                  const of = qualityMetrics.find(definition => definition.metric === metric);
                  return (
                    <div key={metric}>
                      <dt>{of?.name}</dt>
                      <dd>{figureText(value, of?.unit ?? 'CASES')}</dd>
                    </div>
                  );
                })}
              </dl>
            </section>
            <section className="card">
              <CursorTable
                label={t.ordersOf}
                pages={pages}
                columns={columns}
                rowKey={row => `${row.kind} ${row.at} ${row.serviceOrder.id}`}
                empty={t.noOrders}
              />
            </section>
          </>
        )
      }
    </Loaded>
  );
}
