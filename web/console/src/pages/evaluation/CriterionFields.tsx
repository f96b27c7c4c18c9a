import { Button, InputNumber, Select } from 'antd';

import type { QualityMetric, QualityUnit } from '../../api/graphql/graphql';
import { useMessages } from '../../i18n/messages';
import { useFigureText } from '../quality/figures';
import type { Line } from './Draft';
import { messages } from './messages';

export interface Figure {
  readonly metric: QualityMetric;
  readonly name: string;
  readonly definition: string;
  readonly unit: QualityUnit;
}

interface Props {
  readonly of: Line;
  readonly number: number;
  /** The part of all weights. */
  readonly share: number;
  readonly choices: readonly Figure[];
  readonly onChange: (part: Partial<Line>) => void;
  readonly onRemove: () => void;
}

/** The figure that counts, and how: parts are entered in percent. */
export function CriterionFields({ of, number, share, choices, onChange, onRemove }: Props) {
  const t = useMessages(messages);
  const figureText = useFigureText();
  const figure = choices.find(({ metric }) => metric === of.metric);
  const isPart = figure?.unit === 'PART';
  const suffix = isPart ? '%' : figure?.unit === 'HOURS' ? t.hours : figure?.unit === 'POINTS' ? t.points : undefined;
  const bounds = isPart ? { min: 0, max: 100 } : figure?.unit === 'POINTS' ? { min: 1, max: 5 } : { min: 0, max: 1_000_000 };
  const shown = (value: number) => (isPart ? Number((value * 100).toFixed(4)) : value);
  const taken = (value: number) => (isPart ? Number((value / 100).toFixed(6)) : value);
  return (
    <div>
      <div className="criterion" role="group" aria-label={t.criterion(number)}>
        <label className="field criterion-figure">
          <span>{t.figure}</span>
          <Select<QualityMetric> showSearch={{ optionFilterProp: 'label' }} value={of.metric} onChange={metric => onChange({ metric })} options={choices.map(({ metric, name }) => ({ value: metric, label: name }))} />
        </label>
        <label className="field">
          <span>{t.target} <small>{t.targetHint}</small></span>
          <InputNumber {...bounds} {...(suffix && { suffix })} value={shown(of.target)} onChange={value => value !== null && onChange({ target: taken(value) })} />
        </label>
        <label className="field">
          <span>{t.floor} <small>{t.floorHint}</small></span>
          <InputNumber {...bounds} {...(suffix && { suffix })} value={shown(of.floor)} onChange={value => value !== null && onChange({ floor: taken(value) })} />
        </label>
        <label className="field">
          <span>{t.weight} <small>{t.share} {figureText(share, 'PART')}</small></span>
          <InputNumber min={0.01} max={1000} value={of.weight} onChange={weight => weight !== null && onChange({ weight })} />
        </label>
        <label className="field">
          <span>{t.minimum}</span>
          <InputNumber min={1} max={1_000_000} precision={0} value={of.minimum} onChange={minimum => minimum !== null && onChange({ minimum })} />
        </label>
        <Button onClick={onRemove}>{t.remove}</Button>
      </div>
      {figure && <small className="muted">{figure.definition}</small>}
      {of.target === of.floor && <p className="danger" role="alert">{t.same}</p>}
    </div>
  );
}
