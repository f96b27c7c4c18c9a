// Declares a pause window or changes one, and says what happens to deadlines.
import { useState } from 'react';

import { Drawer, Input } from 'antd';

import { serverNow } from '../../api/serverTime';
import { useStore } from '../../api/store';
import { useTimeZone } from '../../api/timeZone';
import { useSubmit } from '../../api/useSubmit';
import { instantAt, wallTime } from '../../api/wallTime';
import { durationText } from '../../components/Countdown';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { instantText } from '../../components/Instant';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { CHANGE, DECLARE, type PauseWindow } from './documents';
import { messages } from './messages';

const HOUR_MS = 3_600_000;

/** A window that is there, or a day on which a new one begins. */
export type Draft = PauseWindow | { readonly id: null; readonly name: string; readonly firstDay: string };

export function WindowDrawer({ of, onClose }: { of: Draft | null; onClose: () => void }) {
  const t = useMessages(messages);
  return (
    <Drawer open={of !== null} onClose={onClose} size={480} destroyOnHidden closable={{ 'aria-label': t.close }} title={of?.id ? t.changeTitle : t.declare}>
      {of && <Times key={of.id ?? of.firstDay} of={of} onDone={onClose} />}
    </Drawer>
  );
}

function Times({ of, onDone }: { of: Draft; onDone: () => void }) {
  const t = useMessages(messages);
  const zone = useTimeZone();
  const [name, setName] = useState(of.name);
  const [start, setStart] = useState(() => ('firstDay' in of ? `${of.firstDay}T00:00` : wallTime(of.startAt, zone)));
  const [end, setEnd] = useState(() =>
    'firstDay' in of ? wallTime(Date.parse(instantAt(`${of.firstDay}T00:00`, zone)) + 24 * HOUR_MS, zone) : wallTime(of.endAt, zone),
  );
  const declaration = useSubmit(DECLARE);
  const change = useSubmit(CHANGE);
  const { problem, isRunning } = of.id ? change : declaration;
  const isOrdered = start !== '' && end > start && Date.parse(instantAt(start, zone)) > serverNow();
  const send = async () => {
    const times = { name: name.trim(), startAt: instantAt(start, zone), endAt: instantAt(end, zone) };
    const saved = of.id ? await change.submit({ input: { id: of.id, ...times } }) : await declaration.submit({ input: times });
    if (!saved) return;
    notify(t.done);
    onDone();
  };
  return (
    <Form problem={problem} fields={['name', 'startAt', 'endAt']} send={send} label={t.save} isIncomplete={!isOrdered || !name.trim()} isRunning={isRunning}>
      <Field name="name" problem={problem} label={t.name} hint={t.nameHint}>
        <Input required autoFocus maxLength={64} value={name} onChange={event => setName(event.target.value)} />
      </Field>
      <div className="form-row">
        <Field name="startAt" problem={problem} label={t.start}>
          <input className="input" type="datetime-local" required value={start} onChange={event => setStart(event.target.value)} />
        </Field>
        <Field name="endAt" problem={problem} label={t.end}>
          <input className="input" type="datetime-local" required min={start} value={end} onChange={event => setEnd(event.target.value)} />
        </Field>
      </div>
      <small className="muted">{t.zone(zone)}</small>
      {isOrdered ? <Effect start={instantAt(start, zone)} end={instantAt(end, zone)} isChange={of.id !== null} /> : <p className="danger" role="alert">{t.order}</p>}
    </Form>
  );
}

function Effect({ start, end, isChange }: { start: string; end: string; isChange: boolean }) {
  const t = useMessages(messages);
  const zone = useTimeZone();
  const language = useStore(languageStore);
  const moved = Date.parse(end) - Date.parse(start);
  const text = (at: number) => instantText(new Date(at).toISOString(), 'short', localeOf(language), zone);
  return (
    <div className="calendar-effect" role="status">
      <strong>{t.effect}</strong>
      <p>{t.moves(durationText(moved / 1000, language))}</p>
      <p>{t.example(text(Date.parse(start) + HOUR_MS), text(Date.parse(end) + HOUR_MS))}</p>
      {isChange && <p>{t.changed}</p>}
    </div>
  );
}
