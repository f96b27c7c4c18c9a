// The merchant's own targets, and the business hours whose minutes count.
import { useState } from 'react';

import { Button, Radio } from 'antd';
import { useQuery } from 'urql';

import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { sending } from '../../components/Form';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { BusinessHours, DAYS, USUAL_HOURS, type Hours } from './BusinessHours';
import { SET_TARGETS, SETTINGS, type Settings } from './documents';
import { Duration } from './Duration';
import { messages } from './messages';

type Targets = NonNullable<Settings['serviceTargets']>;
const NAMES = ['review', 'receipt', 'processing'] as const;
/** In minutes: the windows of the platform, beyond which no target lies. */
const LONGEST = { review: 2880, receipt: 14_400, processing: 2880 } as const;

export function ServiceTargets() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: SETTINGS });
  return (
    <section className="card">
      <div className="card-head"><h2>{t.targets}</h2><p className="muted">{t.targetsHint}</p></div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ viewer }) => viewer?.merchant && <Form of={viewer.merchant.serviceTargets} />}
      </Loaded>
    </section>
  );
}

function Form({ of }: { of: Targets | null }) {
  const t = useMessages(messages);
  const [start, setStart] = useState(of);
  const [minutes, setMinutes] = useState(minutesOf(of));
  const [hasHours, setHasHours] = useState(Boolean(of?.businessHours));
  const [hours, setHours] = useState<Hours>(hoursOf(of));
  const { submit, problem, isRunning } = useSubmit(SET_TARGETS);
  // What a colleague saved is shown at once, unless it would take away what is typed here.
  if (of !== start && (sameAs(start, minutes, hasHours, hours) || sameAs(of, minutes, hasHours, hours))) {
    setStart(of);
    setMinutes(minutesOf(of));
    setHasHours(Boolean(of?.businessHours));
    setHours(hoursOf(of));
  }
  const hasTarget = NAMES.some(name => minutes[name] !== null);
  const save = async () => {
    const input = { ...minutes, businessHours: hasTarget && hasHours ? hours : null };
    if (await submit({ input })) notify(t.saved);
  };
  return (
    <form className="card-body form" onSubmit={sending(save)}>
      <div className="form-row">
        {NAMES.map(name => (
          <Field key={name} name={name} problem={problem} label={t[name]} hint={t.longest(LONGEST[name] / 60)} isGroup>
            <Duration label={t[name]} value={minutes[name]} onChange={value => setMinutes({ ...minutes, [name]: value })} />
          </Field>
        ))}
      </div>
      {hasTarget && (
        <>
          <Field label={t.countedTime} isGroup>
            <Radio.Group
              value={hasHours}
              onChange={event => setHasHours(event.target.value as boolean)}
              options={[{ value: false, label: t.allTime }, { value: true, label: t.inBusinessHours }]}
            />
          </Field>
          {hasHours && <BusinessHours value={hours} onChange={setHours} problem={problem} />}
        </>
      )}
      <Problem of={besides(problem, ...NAMES, ...DAYS.map(day => `businessHours.${day}`), 'businessHours.closedDates')} onRetry={() => void save()} />
      <div><Button type="primary" htmlType="submit" loading={isRunning}>{t.save}</Button></div>
    </form>
  );
}

function sameAs(of: Targets | null, minutes: ReturnType<typeof minutesOf>, hasHours: boolean, hours: Hours): boolean {
  return JSON.stringify([minutesOf(of), Boolean(of?.businessHours), hoursOf(of)]) === JSON.stringify([minutes, hasHours, hours]);
}

function minutesOf(of: Targets | null) {
  return { review: of?.review ?? null, receipt: of?.receipt ?? null, processing: of?.processing ?? null };
}

function hoursOf(of: Targets | null): Hours {
  const week = of?.businessHours;
  if (!week) return USUAL_HOURS;
  const periods = Object.fromEntries(DAYS.map(day => [day, week[day].map(({ opens, closes }) => ({ opens, closes }))]));
  return { ...periods, closedDates: week.closedDates } as Hours;
}
