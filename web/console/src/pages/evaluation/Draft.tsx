// A new plan, what it would do to the scores of past months, and its publication.
import { useState } from 'react';

import { Button, Select } from 'antd';
import dayjs from 'dayjs';
import { useQuery } from 'urql';

import type { EvaluationCriterionInput, QualityMetric, QualityUnit } from '../../api/graphql/graphql';
import { sending } from '../../components/Form';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { useToday } from '../quality/period';
import { CriterionFields, type Figure } from './CriterionFields';
import { FIGURES, PLAN, type Plan } from './documents';
import { messages } from './messages';
import { PreviewOf } from './Preview';

const SPANS = [1, 3, 6, 12] as const;

export type Line = Required<EvaluationCriterionInput>;

export function Draft({ onPublished }: { onPublished: () => void }) {
  const [plan, refreshPlan] = useQuery({ query: PLAN, requestPolicy: 'cache-and-network' });
  const [figures, refreshFigures] = useQuery({ query: FIGURES });
  return (
    <Loaded of={plan} onRetry={() => refreshPlan({ requestPolicy: 'network-only' })}>
      {({ evaluationPlan }) => (
        <Loaded of={figures} onRetry={() => refreshFigures({ requestPolicy: 'network-only' })}>
          {({ qualityMetrics }) => (
            <Form
              key={evaluationPlan?.version ?? 0}
              current={evaluationPlan}
              // A count has no target.
              figures={qualityMetrics.filter(({ measure }) => measure !== 'COUNT')}
              onPublished={onPublished}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function Form({ current, figures, onPublished }: { current: Plan | null; figures: readonly Figure[]; onPublished: () => void }) {
  const t = useMessages(messages);
  const today = useToday();
  const published = linesOf(current);
  const [lines, setLines] = useState<readonly Line[]>(published);
  const [span, setSpan] = useState<number>(3);
  const [tried, setTried] = useState<{ readonly lines: readonly Line[]; readonly months: readonly string[] } | null>(null);
  const free = figures.filter(({ metric }) => !lines.some(line => line.metric === metric));
  const sum = lines.reduce((total, { weight }) => total + weight, 0);
  const isValid = lines.length > 0 && lines.every(({ target, floor }) => target !== floor);
  const change = (index: number, part: Partial<Line>) => setLines(lines.map((line, at) => (at === index ? { ...line, ...part } : line)));
  return (
    <>
      <section className="card">
        <div className="card-head">
          <h2 className="grow">{t.draft}</h2>
          <Button size="small" disabled={isSame(lines, published)} onClick={() => setLines(published)}>{t.startAgain}</Button>
        </div>
        <form className="form card-body" onSubmit={sending(() => setTried({ lines, months: monthsBefore(today, span) }))}>
          <p className="muted">{t.draftHint}</p>
          {lines.map((line, index) => (
            <CriterionFields
              key={line.metric}
              of={line}
              number={index + 1}
              share={line.weight / sum}
              choices={figures.filter(({ metric }) => metric === line.metric || free.some(other => other.metric === metric))}
              onChange={part => change(index, part)}
              onRemove={() => setLines(lines.filter((_, at) => at !== index))}
            />
          ))}
          {!lines.length && <p className="danger" role="alert">{t.none}</p>}
          <div className="row wrap">
            <Button disabled={!free.length} onClick={() => free[0] && setLines([...lines, newLine(free[0].metric, free[0].unit)])}>{t.add}</Button>
            <Select aria-label={t.over} value={span} onChange={setSpan} options={SPANS.map(value => ({ value, label: t.lastMonths(value) }))} />
            <Button type="primary" htmlType="submit" disabled={!isValid}>{t.try}</Button>
          </div>
        </form>
      </section>
      {tried ? (
        <PreviewOf lines={tried.lines} months={tried.months} isStale={!isSame(lines, tried.lines)} onPublished={onPublished} />
      ) : (
        <p className="muted">{t.tryFirst}</p>
      )}
    </>
  );
}

function linesOf(plan: Plan | null): readonly Line[] {
  return (plan?.criteria ?? []).map(({ metric, target, floor, weight, minimum }) => ({ metric, target, floor, weight, minimum }));
}

const FIRST: Readonly<Record<QualityUnit, { readonly target: number; readonly floor: number }>> = {
  PART: { target: 1, floor: 0.5 },
  HOURS: { target: 8, floor: 48 },
  POINTS: { target: 5, floor: 3 },
  CASES: { target: 1, floor: 0 },
};

function newLine(metric: QualityMetric, unit: QualityUnit): Line {
  return { metric, ...FIRST[unit], weight: 10, minimum: 20 };
}

function isSame(one: readonly Line[], other: readonly Line[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function monthsBefore(today: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => dayjs(today).subtract(count - index, 'month').format('YYYY-MM'));
}
