// One figure by day, employee, reason or category: a chart, and its numbers beside it.
import { useCallback, useMemo, useState } from 'react';

import { Segmented, Select } from 'antd';
import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import type { QualityDimension, QualityMetric, QualityPeriod, QualitySeriesQuery, QualityUnit } from '../../api/graphql/graphql';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { Chart } from './Chart';
import { Opening, useFigureText, type Behind } from './figures';
import { messages } from './messages';

const SERIES = graphql(`
  query QualitySeries($period: QualityPeriod!, $by: QualityDimension!, $metrics: [QualityMetric!]!, $employeeId: ID) {
    qualityReport(period: $period, by: $by, metrics: $metrics, employeeId: $employeeId) {
      series { day employee { id name } reason category figures { metric value numerator denominator } }
    }
    reasons(includeRetired: true) { code name }
  }
`);

const DIMENSIONS = ['DAY', 'EMPLOYEE', 'REASON', 'CATEGORY'] as const satisfies readonly QualityDimension[];

type Row = NonNullable<QualitySeriesQuery['qualityReport']>['series'][number];

interface Choice {
  readonly metric: QualityMetric;
  readonly name: string;
  readonly unit: QualityUnit;
}

interface Props {
  readonly period: QualityPeriod;
  readonly employeeId: string | null;
  readonly figures: readonly Choice[];
  readonly onOpen: (behind: Behind) => void;
}

export function Series({ period, employeeId, figures, onOpen }: Props) {
  const t = useMessages(messages);
  const [by, setBy] = useState<QualityDimension>('DAY');
  const [metric, setMetric] = useState<QualityMetric>('ON_TIME_REVIEW');
  const [result, refresh] = useQuery({ query: SERIES, variables: { period, by, metrics: [metric], employeeId } });
  const chosen = figures.find(figure => figure.metric === metric) ?? figures[0];
  if (!chosen) return null;
  return (
    <section className="card">
      <h2>{t.series}</h2>
      <div className="card-body row wrap">
        <Select<QualityMetric>
          className="quality-choice"
          aria-label={t.figure}
          value={metric}
          onChange={setMetric}
          options={figures.map(figure => ({ value: figure.metric, label: figure.name }))}
        />
        <Segmented<QualityDimension> aria-label={t.dimension} value={by} onChange={setBy} options={DIMENSIONS.map(value => ({ value, label: t[value] }))} />
      </div>
      <div className="quality-series">
        <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
          {({ qualityReport, reasons }) => (
            <Shown rows={qualityReport?.series ?? []} reasons={reasons} by={by} choice={chosen} period={period} employeeId={employeeId} onOpen={onOpen} />
          )}
        </Loaded>
      </div>
    </section>
  );
}

interface ShownProps extends Omit<Props, 'figures'> {
  readonly rows: readonly Row[];
  readonly reasons: QualitySeriesQuery['reasons'];
  readonly by: QualityDimension;
  readonly choice: Choice;
}

function Shown({ rows, reasons, by, choice, period, employeeId, onOpen }: ShownProps) {
  const t = useMessages(messages);
  const figureText = useFigureText();
  const nameOf = useCallback(
    (row: Row) => {
      if (by === 'DAY') return row.day ?? '';
      if (by === 'EMPLOYEE') return row.employee?.name ?? t.nobody;
      if (by === 'REASON') return reasons.find(({ code }) => code === row.reason)?.name ?? row.reason ?? '–';
      return row.category ?? t.noCategory;
    },
    [by, reasons, t],
  );
  const points = useMemo(() => rows.map(row => ({ label: nameOf(row), value: row.figures[0]?.value ?? null })), [rows, nameOf]);
  const format = useCallback((value: number | null) => figureText(value, choice.unit), [choice.unit, t]);
  // The report has no filter for a reason or a category: such a number opens nothing.
  const behindOf = (row: Row): Behind | null => {
    const common = { metric: choice.metric, name: `${choice.name} · ${nameOf(row)}`, part: 'DENOMINATOR' as const };
    if (by === 'DAY' && row.day) return { ...common, period: { day: row.day } as QualityPeriod, employeeId };
    if (by === 'EMPLOYEE' && row.employee) return { ...common, period, employeeId: row.employee.id };
    return null;
  };
  return (
    <>
      <Chart label={t.chartOf(choice.name)} points={points} isLine={by === 'DAY'} format={format} />
      <div className="quality-numbers" tabIndex={0} role="region" aria-label={choice.name}>
        <table className="table" aria-label={choice.name}>
          <thead>
            <tr>
              <th scope="col">{t[by]}</th>
              <th scope="col" className="right">{t.value}</th>
              <th scope="col" className="right">{t.numerator}</th>
              <th scope="col" className="right">{t.denominator}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => {
              const [figure] = row.figures;
              const behind = behindOf(row);
              const count = (n: number | null | undefined, part: Behind['part']) =>
                n && behind ? <Opening text={String(n)} behind={{ ...behind, part }} onOpen={onOpen} /> : (n ?? '–');
              return (
                <tr key={index}>
                  <th scope="row">{nameOf(row)}</th>
                  <td className="right">{format(figure?.value ?? null)}</td>
                  <td className="right">{count(figure?.numerator, 'NUMERATOR')}</td>
                  <td className="right">{count(figure?.denominator, 'DENOMINATOR')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}
