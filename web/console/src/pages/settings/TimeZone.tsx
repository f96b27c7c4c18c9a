import { useMemo, useState } from 'react';

import { Button, Select } from 'antd';

import { serverNow } from '../../api/serverTime';
import { useTimeZone } from '../../api/timeZone';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { sending } from '../../components/Form';
import { instantText } from '../../components/Instant';
import { Problem } from '../../components/Problem';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { useStore } from '../../api/store';
import { notify } from '../../shell/notices';
import { SET_TIME_ZONE } from './documents';
import { messages } from './messages';

/** In which time zone business hours are meant, and moments are shown. */
export function TimeZone() {
  const t = useMessages(messages);
  const locale = localeOf(useStore(languageStore));
  const present = useTimeZone();
  const [timeZone, setTimeZone] = useState(present);
  const { submit, problem, isRunning } = useSubmit(SET_TIME_ZONE);
  const names = useMemo(() => [...new Set([present, ...Intl.supportedValuesOf('timeZone')])].sort(), [present]);
  const save = async () => {
    if (await submit({ input: { timeZone } })) notify(t.saved);
  };
  return (
    <section className="card">
      <div className="card-head"><h2>{t.timeZone}</h2><p className="muted">{t.timeZoneHint}</p></div>
      <form className="card-body form narrow-form" onSubmit={sending(save)}>
        <Field name="timeZone" problem={problem} label={t.timeZone} hint={t.nowThere(instantText(new Date(serverNow()).toISOString(), 'short', locale, timeZone))}>
          <Select showSearch value={timeZone} onChange={setTimeZone} options={names.map(value => ({ value, label: value }))} />
        </Field>
        <Problem of={besides(problem, 'timeZone')} onRetry={() => void save()} />
        <div><Button type="primary" htmlType="submit" disabled={timeZone === present} loading={isRunning}>{t.save}</Button></div>
      </form>
    </section>
  );
}
