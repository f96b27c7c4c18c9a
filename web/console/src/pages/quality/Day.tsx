// The day of the whole desk, and of one colleague in a drawer.
import { useState } from 'react';

import { Button, DatePicker, Drawer } from 'antd';
import dayjs from 'dayjs';
import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import type { DailySummaryPageQuery, QualityPeriod } from '../../api/graphql/graphql';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { Activity } from './Activity';
import { kinds, messages } from './messages';
import { useToday } from './period';

const DAY = graphql(`
  query DailySummaryPage($date: String!) {
    dailySummary(date: $date) {
      isCurrent
      done { kind cases onTime }
      queues { ...Counters }
      byEmployee { employee { id name } done { kind cases onTime } waiting overdue }
    }
  }
`);

type Work = NonNullable<DailySummaryPageQuery['dailySummary']>['byEmployee'][number];

export function Day() {
  const t = useMessages(messages);
  const k = useMessages(kinds);
  const today = useToday();
  const [date, setDate] = useState(today);
  const [person, setPerson] = useState<Work['employee']>(null);
  const [result, refresh] = useQuery({ query: DAY, variables: { date } });
  const numberOf = (row: Work, kind: Work['done'][number]['kind']) => row.done.find(done => done.kind === kind)?.cases ?? 0;
  const columns: readonly Column<Work>[] = [
    {
      key: 'who',
      title: t.employee,
      render: row => (row.employee ? <Button type="link" size="small" onClick={() => setPerson(row.employee)}>{row.employee.name}</Button> : <span className="muted">{t.nobody}</span>),
    },
    ...(['REVIEW', 'RECEIPT', 'PROCESSING'] as const).map(kind => ({ key: kind, title: k[kind], align: 'right' as const, render: (row: Work) => numberOf(row, kind) })),
    { key: 'waiting', title: t.waiting, align: 'right', render: row => row.waiting },
    { key: 'overdue', title: t.overdue, align: 'right', render: row => <span className={row.overdue ? 'danger' : undefined}>{row.overdue}</span> },
  ];
  return (
    <>
      <div className="row">
        <DatePicker aria-label={t.byDay} allowClear={false} value={dayjs(date)} onChange={day => day && setDate(day.format('YYYY-MM-DD'))} />
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ dailySummary: of }) =>
          of && (
            <>
              {!of.isCurrent && <p className="muted" role="status">{t.notCurrent}</p>}
              <div className="quality-two">
                <section className="card">
                  <h2>{t.done}</h2>
                  <dl className="card-body quality-tiles">
                    {of.done.map(({ kind, cases, onTime }) => (
                      <div key={kind}>
                        <dt>{k[kind]}</dt>
                        <dd>{cases}</dd>
                        {onTime > 0 && <dd className="muted">{t.onTime(onTime)}</dd>}
                      </div>
                    ))}
                  </dl>
                </section>
                <section className="card">
                  <h2>{t.waitsNow}</h2>
                  <dl className="card-body quality-tiles">
                    {([['REVIEW', of.queues.review], ['RECEIPT', of.queues.receipt], ['PROCESSING', of.queues.processing]] as const).map(([kind, queue]) => (
                      <div key={kind}>
                        <dt>{k[kind]}</dt>
                        <dd>{queue.waiting}</dd>
                        <dd className={queue.overdue ? 'danger' : 'muted'}>{t.overdue} {queue.overdue}</dd>
                      </div>
                    ))}
                  </dl>
                </section>
              </div>
              <section className="card">
                <CursorTable label={t.day} rows={of.byEmployee} columns={columns} rowKey={row => row.employee?.id ?? ''} />
              </section>
            </>
          )
        }
      </Loaded>
      <Drawer open={person !== null} onClose={() => setPerson(null)} size={860} destroyOnHidden title={person && t.activityOf(person.name)}>
        {person && <Activity period={{ day: date } as QualityPeriod} employeeId={person.id} />}
      </Drawer>
    </>
  );
}
