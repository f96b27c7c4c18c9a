// The limits that raise alerts: the platform's, and the merchant's own, which are set all at once.
import { useState } from 'react';

import { Button, InputNumber, Select } from 'antd';
import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import type { QualityMetric, QualityThresholdInput, QualityThresholdsPageQuery, QualityThresholdSide, QualityUnit } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { sending } from '../../components/Form';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { useFigureText } from './figures';
import { messages } from './messages';

const THRESHOLDS = graphql(`
  query QualityThresholdsPage {
    qualityThresholds {
      version
      thresholds { metric side limit days minimumCases }
      platform { metric side limit days minimumCases }
    }
  }
`);
const SET = graphql(`
  mutation SetQualityThresholds($input: SetQualityThresholdsInput!) {
    setQualityThresholds(input: $input) {
      qualityThresholds { version thresholds { metric side limit days minimumCases } }
      refusals { code message path retryable }
    }
  }
`);
const MAX = 20;

export interface Definition {
  readonly metric: QualityMetric;
  readonly name: string;
  readonly unit: QualityUnit;
}

type Of = NonNullable<QualityThresholdsPageQuery['qualityThresholds']>;
type Line = Required<QualityThresholdInput>;

export function Thresholds({ definitions }: { definitions: readonly Definition[] }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const [result, refresh] = useQuery({ query: THRESHOLDS });
  return (
    <section className="card">
      <h2>{t.thresholds}</h2>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ qualityThresholds: of }) =>
          of && (
            <div className="card-body form">
              <h3>{t.platformThresholds}</h3>
              {!viewer.isPlatform && (
                <>
                  <Lines lines={of.platform} definitions={definitions} />
                  <h3>{t.ownThresholds}</h3>
                </>
              )}
              {viewer.may(viewer.isPlatform ? 'QUALITY_MANAGE' : 'SETTINGS_MANAGE') ? (
                <Form key={of.version} of={of} definitions={definitions} onStale={() => refresh({ requestPolicy: 'network-only' })} />
              ) : (
                <>
                  <Lines lines={of.thresholds} definitions={definitions} />
                  <p className="muted">{viewer.isPlatform ? t.platformManageHint : t.manageHint}</p>
                </>
              )}
            </div>
          )
        }
      </Loaded>
    </section>
  );
}

function Lines({ lines, definitions }: { lines: Of['platform']; definitions: readonly Definition[] }) {
  const t = useMessages(messages);
  const figureText = useFigureText();
  if (!lines.length) return <p className="muted">{t.noThresholds}</p>;
  return (
    <ul>
      {lines.map(({ metric, side, limit, days }) => {
        const of = definitions.find(definition => definition.metric === metric);
        return (
          <li key={`${metric} ${side} ${days}`}>
            {of?.name} {t[side]} {figureText(limit, of?.unit ?? 'CASES')} <span className="muted">· {t.lastDays(days)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Form({ of, definitions, onStale }: { of: Of; definitions: readonly Definition[]; onStale: () => void }) {
  const t = useMessages(messages);
  const [lines, setLines] = useState<readonly Line[]>(of.thresholds.map(({ metric, side, limit, days, minimumCases }) => ({ metric, side, limit, days, minimumCases })));
  const { submit, problem, isRunning } = useSubmit(SET);
  const change = (index: number, part: Partial<Line>) => setLines(lines.map((line, at) => (at === index ? { ...line, ...part } : line)));
  const save = async () => {
    const saved = await submit({ input: { thresholds: lines, expectedVersion: of.version } });
    if (saved) onStale();
  };
  // A refusal names its line by the path `thresholds`, number, field.
  const refusalsOf = (index: number) => (problem?.refusals ?? []).filter(({ path }) => path?.includes(String(index)));
  const elsewhere = problem && { ...problem, refusals: problem.refusals.filter(({ path }) => !lines.some((_, index) => path?.includes(String(index)))) };
  return (
    <form className="form" onSubmit={sending(save)}>
      {elsewhere && (elsewhere.failure || elsewhere.refusals.length > 0) ? <Problem of={elsewhere} onRetry={() => void save()} /> : null}
      {!lines.length && <p className="muted">{t.noThresholds}</p>}
      {lines.map((line, index) => {
        const isPart = definitions.find(({ metric }) => metric === line.metric)?.unit === 'PART';
        return (
          <div key={index}>
            <div className="quality-limit" role="group" aria-label={`${t.limit} ${index + 1}`}>
              <label className="field">
                <span>{t.figure}</span>
                <Select<QualityMetric> value={line.metric} onChange={metric => change(index, { metric })} options={definitions.map(({ metric, name }) => ({ value: metric, label: name }))} />
              </label>
              <label className="field">
                <span>{t.side}</span>
                <Select<QualityThresholdSide> value={line.side} onChange={side => change(index, { side })} options={(['BELOW', 'ABOVE'] as const).map(value => ({ value, label: t[value] }))} />
              </label>
              <label className="field">
                <span>{t.limit}</span>
                <InputNumber value={isPart ? Number((line.limit * 100).toFixed(4)) : line.limit} suffix={isPart ? '%' : undefined} onChange={n => n !== null && change(index, { limit: isPart ? Number((n / 100).toFixed(6)) : n })} />
              </label>
              <label className="field">
                <span>{t.days}</span>
                <InputNumber min={1} max={90} precision={0} value={line.days} onChange={days => days !== null && change(index, { days })} />
              </label>
              <label className="field">
                <span>{t.minimum}</span>
                <InputNumber min={0} max={100_000} precision={0} value={line.minimumCases} onChange={minimumCases => minimumCases !== null && change(index, { minimumCases })} />
              </label>
              <Button onClick={() => setLines(lines.filter((_, at) => at !== index))}>{t.remove}</Button>
            </div>
            {refusalsOf(index).map(({ code, message }) => <p key={code} role="alert" className="danger">{message}</p>)}
          </div>
        );
      })}
      <div className="row">
        <Button disabled={lines.length >= MAX} onClick={() => setLines([...lines, { metric: 'ON_TIME_REVIEW', side: 'BELOW', limit: 0.9, days: 30, minimumCases: 10 }])}>{t.add}</Button>
        <Button type="primary" htmlType="submit" loading={isRunning}>{t.save}</Button>
      </div>
    </form>
  );
}
