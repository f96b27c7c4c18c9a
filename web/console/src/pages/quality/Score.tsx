import { useState } from 'react';

import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import type { QualityPeriod, QualityScorePageQuery } from '../../api/graphql/graphql';
import { Loaded } from '../../components/Loaded';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { Opening, useFigureText, type Behind } from './figures';
import { messages } from './messages';
import { OrdersBehind } from './OrdersBehind';
import { useToday } from './period';

export const SCORE = graphql(`
  query QualityScorePage($month: String!, $merchantId: ID) {
    qualityScore(month: $month, merchantId: $merchantId) {
      merchant { id }
      month score isFinal
      plan { version note }
      explains { metric name unit target floor weight minimum value denominator score adds }
      benchmark { score { p25 p50 p75 } figures { metric quartiles { p25 p50 p75 } } }
    }
  }
`);

type ScoreOf = NonNullable<QualityScorePageQuery['qualityScore']>;

/** The score of a month; at first of the last month that is over. */
export function Score() {
  const t = useMessages(messages);
  const today = useToday();
  const [month, setMonth] = useState(() => dayjs(today).subtract(1, 'month').format('YYYY-MM'));
  const [result, refresh] = useQuery({ query: SCORE, variables: { month, merchantId: null } });
  const [behind, setBehind] = useState<Behind | null>(null);
  return (
    <>
      <div className="row">
        <DatePicker picker="month" aria-label={t.month} allowClear={false} value={dayjs(`${month}-01`)} onChange={day => day && setMonth(day.format('YYYY-MM'))} />
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ qualityScore }) => qualityScore && <Parts of={qualityScore} onOpen={setBehind} />}
      </Loaded>
      <OrdersBehind of={behind} onClose={() => setBehind(null)} />
    </>
  );
}

/** What each figure adds to a score. */
export function Parts({ of, onOpen }: { of: ScoreOf; onOpen: (behind: Behind) => void }) {
  const t = useMessages(messages);
  const figureText = useFigureText();
  const { score: quartiles } = of.benchmark;
  return (
    <section className="card">
      <div className="card-body">
        <p className="quality-score">
          {of.score === null ? <span>{t.noScore}</span> : <><strong>{of.score.toFixed(2)}</strong> <span className="muted">{t.outOf}</span></>}
          <Tag tone={of.isFinal ? 'green' : 'amber'}>{of.isFinal ? t.final : t.provisional}</Tag>
          {of.plan && <span className="muted">{t.plan(of.plan.version)}</span>}
        </p>
        <p className="muted">
          {quartiles ? `${t.quartiles} (${t.quartilesHint}): ${[quartiles.p25, quartiles.p50, quartiles.p75].map(n => n.toFixed(2)).join(' / ')}` : t.noBenchmark}
        </p>
      </div>
      {of.explains.length > 0 && (
        <div className="table-frame" tabIndex={0}>
          <table className="table quality-table" aria-label={t.score}>
            <thead>
              <tr>
                <th scope="col">{t.figure}</th>
                <th scope="col" className="right">{t.value}</th>
                <th scope="col" className="right">{t.cases}</th>
                <th scope="col" className="right wide">{t.target}</th>
                <th scope="col" className="right wide">{t.floor}</th>
                <th scope="col" className="right wide">{t.weight}</th>
                <th scope="col" className="right">{t.points10}</th>
                <th scope="col" className="right">{t.adds}</th>
                <th scope="col" className="right wide" title={t.quartilesHint}>{t.quartiles}</th>
              </tr>
            </thead>
            <tbody>
              {of.explains.map(line => {
                const behind: Behind = { metric: line.metric, name: line.name, part: 'DENOMINATOR', period: { month: of.month } as QualityPeriod, employeeId: null, merchantId: of.merchant.id };
                const peers = of.benchmark.figures.find(({ metric }) => metric === line.metric)?.quartiles;
                return (
                  <tr key={line.metric}>
                    <th scope="row">{line.name}</th>
                    <td className="right"><Opening strong text={figureText(line.value, line.unit)} behind={behind} onOpen={onOpen} /></td>
                    <td className="right"><Opening text={String(line.denominator)} behind={behind} onOpen={onOpen} /></td>
                    <td className="right wide">{figureText(line.target, line.unit)}</td>
                    <td className="right wide">{figureText(line.floor, line.unit)}</td>
                    <td className="right wide">{line.weight}</td>
                    <td className="right">{line.score === null ? <span className="muted">{t.tooFew(line.minimum)}</span> : line.score.toFixed(2)}</td>
                    <td className="right">
                      {line.adds === null ? '–' : line.adds.toFixed(2)}
                    </td>
                    <td className="right wide nowrap">{peers ? [peers.p25, peers.p50, peers.p75].map(n => figureText(n, line.unit)).join(' / ') : '–'}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
