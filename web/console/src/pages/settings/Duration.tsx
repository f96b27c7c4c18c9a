import { useState } from 'react';

import { InputNumber, Select, Space } from 'antd';

import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

interface Props {
  readonly label: string;
  /** In minutes. */
  readonly value: number | null;
  readonly onChange: (minutes: number | null) => void;
}

/** A duration in hours or minutes; empty for none. */
export function Duration({ label, value, onChange }: Props) {
  const t = useMessages(messages);
  const [unit, setUnit] = useState<1 | 60>(value !== null && value % 60 ? 1 : 60);
  return (
    <Space.Compact>
      <InputNumber
        aria-label={label}
        className="duration"
        min={unit === 60 ? 0.1 : 1}
        step={1}
        precision={unit === 60 ? 1 : 0}
        placeholder={t.none}
        value={value === null ? null : Number((value / unit).toFixed(1))}
        onChange={amount => onChange(amount === null ? null : Math.round(amount * unit))}
      />
      <Select<1 | 60> aria-label={`${label}: ${t.unit}`} value={unit} onChange={setUnit} options={[{ value: 60, label: t.hours }, { value: 1, label: t.minutes }]} />
    </Space.Compact>
  );
}
