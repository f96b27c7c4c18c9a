// Which orders an export holds: their statuses, and the days on which they were applied for.
import { DatePicker, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';
import { useState } from 'react';

import type { ServiceOrderFilter, ServiceOrderStatus } from '../../api/graphql/graphql';
import type { Problem } from '../../api/problem';
import { useTimeZone } from '../../api/timeZone';
import { Field } from '../../components/Field';
import { useMessages } from '../../i18n/messages';
import { statuses } from '../../i18n/terms';
import { messages } from './messages';

dayjs.extend(utc);
dayjs.extend(timezone);

interface Props {
  readonly value: ServiceOrderFilter;
  readonly onChange: (value: ServiceOrderFilter) => void;
  readonly problem: Problem | null;
}

export function FilterChoice({ value, onChange, problem }: Props) {
  const t = useMessages(messages);
  const names = useMessages(statuses);
  const zone = useTimeZone();
  const [days, setDays] = useState<[Dayjs | null, Dayjs | null]>([null, null]);
  // A day is one of the merchant, wherever this browser is.
  const beginning = (day: Dayjs) => dayjs.tz(day.format('YYYY-MM-DD'), zone).toISOString();
  const choose = (chosen: [Dayjs | null, Dayjs | null]) => {
    const [from, to] = chosen;
    setDays(chosen);
    onChange({ ...value, applied: from || to ? { from: from && beginning(from), to: to && beginning(to.add(1, 'day')) } : null });
  };
  return (
    <div className="form-row">
      <Field label={t.statuses} name="filter" problem={problem}>
        <Select<ServiceOrderStatus[]>
          mode="multiple"
          allowClear
          maxTagCount={2}
          placeholder={t.anyStatus}
          optionFilterProp="label"
          value={[...(value.status ?? [])]}
          onChange={status => onChange({ ...value, status: status.length ? status : null })}
          options={(Object.keys(statuses) as ServiceOrderStatus[]).map(status => ({ value: status, label: names[status] }))}
        />
      </Field>
      <Field label={t.applied} hint={t.anyTime} isGroup>
        <DatePicker.RangePicker allowEmpty={[true, true]} placeholder={[t.from, t.to]} value={days} onChange={chosen => choose(chosen ?? [null, null])} />
      </Field>
    </div>
  );
}
