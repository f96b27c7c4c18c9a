import { useState } from 'react';

import { Select } from 'antd';
import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import type { QualityMetric, QualityPageQuery, QualityPeriod } from '../../api/graphql/graphql';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { useStore } from '../../api/store';
import { languageStore } from '../../i18n/language';
import { Opening, useFigureText, type Behind } from './figures';
import { messages } from './messages';
import { OrdersBehind } from './OrdersBehind';
import { PeriodPicker, usePeriod } from './period';
import { Series } from './Series';

const REPORT = graphql(`
  query QualityPage($period: QualityPeriod!, $employeeId: ID) {
    qualityReport(period: $period, employeeId: $employeeId) {
      firstDay lastDay isCurrent
      figures { metric name unit value numerator denominator }
    }
    qualityMetrics { metric definitionZh definitionEn }
  }
`);
const EMPLOYEES = graphql(`
  query QualityEmployees($period: QualityPeriod!) {
    qualityReport(period: $period, by: EMPLOYEE, metrics: [HANDLED]) { series { employee { id name } } }
  }
`);

type Figure = NonNullable<QualityPageQuery['qualityReport']>['figures'][number];

const GROUPS = {
  reviewing: ['ON_TIME_REVIEW', 'AUTO_APPROVAL', 'REVIEW_HOURS_MEAN', 'REVIEW_HOURS_P50', 'REVIEW_HOURS_P90', 'APPROVAL', 'REJECTION', 'REOPENED'],
  handling: ['ON_TIME_RECEIPT', 'ON_TIME_PROCESSING', 'HANDLING_HOURS_MEAN', 'HANDLING_HOURS_P50', 'HANDLING_HOURS_P90'],
  results: ['SELF_COMPLETION', 'CANCELLATION', 'INTERVENTION', 'UNSOLVED'],
  customers: ['SATISFACTION', 'BAD_REVIEWS'],
  people: ['HANDLED', 'WORK_HOURS_MEAN', 'OVERTURNED'],
} as const satisfies Record<string, readonly QualityMetric[]>;

export function Report() {
  const t = useMessages(messages);
  const { chosen, period, choose } = usePeriod();
  const [employeeId, setEmployee] = useState<string | null>(null);
  const [behind, setBehind] = useState<Behind | null>(null);
  const [result, refresh] = useQuery({ query: REPORT, variables: { period, employeeId } });
  const [employees] = useQuery({ query: EMPLOYEES, variables: { period } });
  const names = (employees.data?.qualityReport?.series ?? []).flatMap(({ employee }) => (employee ? [{ value: employee.id, label: employee.name }] : []));
  return (
    <>
      <div className="row wrap">
        <PeriodPicker chosen={chosen} choose={choose} />
        <Select<string>
          className="quality-choice"
          aria-label={t.employee}
          value={employeeId ?? ''}
          onChange={id => setEmployee(id || null)}
          options={[{ value: '', label: t.everybody }, ...names]}
        />
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ qualityReport: report, qualityMetrics }) =>
          report && (
            <>
              <p className="muted" role="status">
                {report.firstDay} – {report.lastDay} {report.isCurrent ? '' : t.notCurrent}
              </p>
              {(Object.keys(GROUPS) as (keyof typeof GROUPS)[]).map(group => (
                <Group
                  key={group}
                  title={t[group]}
                  figures={GROUPS[group].flatMap(metric => report.figures.find(figure => figure.metric === metric) ?? [])}
                  definitions={qualityMetrics}
                  period={period}
                  employeeId={employeeId}
                  onOpen={setBehind}
                />
              ))}
              <Series period={period} employeeId={employeeId} figures={report.figures} onOpen={setBehind} />
            </>
          )
        }
      </Loaded>
      <OrdersBehind of={behind} onClose={() => setBehind(null)} />
    </>
  );
}

interface GroupProps {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly definitions: QualityPageQuery['qualityMetrics'];
  readonly period: QualityPeriod;
  readonly employeeId: string | null;
  readonly onOpen: (behind: Behind) => void;
}

function Group({ title, figures, definitions, period, employeeId, onOpen }: GroupProps) {
  const t = useMessages(messages);
  const figureText = useFigureText();
  const language = useStore(languageStore);
  return (
    <section className="card">
      <h2>{title}</h2>
      <div className="table-frame" tabIndex={0}>
        <table className="table quality-table" aria-label={title}>
          <thead>
            <tr>
              <th scope="col">{t.figure}</th>
              <th scope="col" className="right quality-column">{t.value}</th>
              <th scope="col" className="right quality-column">{t.numerator}</th>
              <th scope="col" className="right quality-column">{t.denominator}</th>
            </tr>
          </thead>
          <tbody>
            {figures.map(({ metric, name, unit, value, numerator, denominator }) => {
              const defined = definitions.find(definition => definition.metric === metric);
              const [first, second] = language === 'zh' ? [defined?.definitionZh, defined?.definitionEn] : [defined?.definitionEn, defined?.definitionZh];
              const behind = { metric, name, period, employeeId };
              return (
                <tr key={metric}>
                  <th scope="row">
                    <details>
                      <summary>
                        {name} <span className="muted wide">{first}</span>
                      </summary>
                      <p>{first}</p>
                      <p className="muted" lang={language === 'zh' ? 'en' : 'zh-CN'}>{second}</p>
                    </details>
                  </th>
                  <td className="right">
                    <Opening strong text={figureText(value, unit)} behind={{ ...behind, part: numerator === null ? 'DENOMINATOR' : 'NUMERATOR' }} onOpen={onOpen} />
                  </td>
                  <td className="right">
                    {numerator === null ? '–' : <Opening text={String(numerator)} behind={{ ...behind, part: 'NUMERATOR' }} onOpen={onOpen} />}
                  </td>
                  <td className="right">
                    <Opening text={String(denominator)} behind={{ ...behind, part: 'DENOMINATOR' }} onOpen={onOpen} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
