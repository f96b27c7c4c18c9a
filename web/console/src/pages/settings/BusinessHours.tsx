// The week of a merchant: up to three opening periods a day, and dates on which it is closed.
import { Button, DatePicker, Input } from 'antd';
import dayjs from 'dayjs';

import type { BusinessHoursInput } from '../../api/graphql/graphql';
import type { Problem } from '../../api/problem';
import { Field } from '../../components/Field';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
type Day = (typeof DAYS)[number];
export type Hours = Required<Pick<BusinessHoursInput, Day | 'closedDates'>>;
type Period = Hours[Day][number];

const MOST_PERIODS = 3;
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]|24:00';
const DATE = 'YYYY-MM-DD';
const WORKDAY: readonly Period[] = [{ opens: '09:00', closes: '18:00' }];

export const USUAL_HOURS: Hours = {
  monday: WORKDAY, tuesday: WORKDAY, wednesday: WORKDAY, thursday: WORKDAY, friday: WORKDAY, saturday: [], sunday: [], closedDates: [],
};

interface Props {
  readonly value: Hours;
  readonly onChange: (value: Hours) => void;
  readonly problem: Problem | null;
}

export function BusinessHours({ value, onChange, problem }: Props) {
  const t = useMessages(messages);
  return (
    <>
      <div className="week">
        {DAYS.map((day, index) => (
          <Field key={day} name={`businessHours.${day}`} problem={problem} label={t[day]} isGroup>
            <div className="row wrap">
              {value[day].map((period, at) => (
                <PeriodFields
                  key={at}
                  label={`${t[day]} ${at + 1}`}
                  value={period}
                  onChange={next => onChange({ ...value, [day]: value[day].map((one, other) => (other === at ? next : one)) })}
                  onRemove={() => onChange({ ...value, [day]: value[day].filter((_, other) => other !== at) })}
                />
              ))}
              {!value[day].length && <span className="muted">{t.closed}</span>}
              {value[day].length < MOST_PERIODS && (
                <Button size="small" onClick={() => onChange({ ...value, [day]: [...value[day], { opens: value[day].at(-1)?.closes ?? '09:00', closes: '18:00' }] })}>{t.addPeriod}</Button>
              )}
              {index === 0 && <Button size="small" type="text" onClick={() => onChange({ ...value, ...Object.fromEntries(DAYS.map(each => [each, value.monday])) })}>{t.sameAllDays}</Button>}
            </div>
          </Field>
        ))}
      </div>
      <Field name="businessHours.closedDates" problem={problem} label={t.closedDates} isGroup>
        <DatePicker
          multiple
          className="closed-dates"
          aria-label={t.closedDates}
          value={value.closedDates.map(date => dayjs(date, DATE))}
          onChange={dates => onChange({ ...value, closedDates: (dates ?? []).map(date => date.format(DATE)).sort() })}
        />
      </Field>
    </>
  );
}

interface PeriodProps {
  readonly label: string;
  readonly value: Period;
  readonly onChange: (value: Period) => void;
  readonly onRemove: () => void;
}

function PeriodFields({ label, value, onChange, onRemove }: PeriodProps) {
  const t = useMessages(messages);
  const field = (name: 'opens' | 'closes') => (
    <Input
      required
      className="time"
      aria-label={`${label}: ${t[name]}`}
      pattern={TIME}
      title={t.timeForm}
      maxLength={5}
      inputMode="numeric"
      value={value[name]}
      onChange={event => onChange({ ...value, [name]: event.target.value })}
    />
  );
  return (
    <span className="row period">
      {field('opens')}–{field('closes')}
      <button type="button" className="icon-button" aria-label={`${label}: ${t.remove}`} onClick={onRemove}>×</button>
    </span>
  );
}
