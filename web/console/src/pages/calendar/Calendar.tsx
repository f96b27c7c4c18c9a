// The periods in which no clock runs: a month of them, and all that are running or lie ahead.
import { useState } from 'react';

import { Button, Popconfirm } from 'antd';
import { useQuery } from 'urql';

import { serverNow } from '../../api/serverTime';
import { useStore } from '../../api/store';
import { useTimeZone } from '../../api/timeZone';
import { useSubmit } from '../../api/useSubmit';
import { wallTime } from '../../api/wallTime';
import { durationText } from '../../components/Countdown';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { languageStore } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { PAUSE_WINDOWS, WITHDRAW, type PauseWindow } from './documents';
import { messages } from './messages';
import { Month } from './Month';
import { WindowDrawer, type Draft } from './WindowDrawer';
import './calendar.css';

type State = 'past' | 'running' | 'planned';

const TONES: Readonly<Record<State, string>> = { past: 'grey', running: 'amber', planned: 'blue' };

function stateOf({ startAt, endAt }: PauseWindow): State {
  if (Date.parse(endAt) <= serverNow()) return 'past';
  return Date.parse(startAt) <= serverNow() ? 'running' : 'planned';
}

export default function Calendar() {
  const t = useMessages(messages);
  const zone = useTimeZone();
  const [result, refresh] = useQuery({ query: PAUSE_WINDOWS, requestPolicy: 'cache-and-network' });
  const [draft, setDraft] = useState<Draft | null>(null);
  const tomorrow = wallTime(serverNow() + 86_400_000, zone).slice(0, 10);
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="grow">{t.title}</h1>
        <Button type="primary" onClick={() => setDraft({ id: null, name: '', firstDay: tomorrow })}>{t.declare}</Button>
      </div>
      <p className="muted">{t.hint}</p>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ pauseWindows }) => (
          <>
            <Month windows={pauseWindows ?? []} onDay={day => setDraft({ id: null, name: '', firstDay: day })} />
            <List windows={pauseWindows ?? []} onChange={window => setDraft(window)} />
          </>
        )}
      </Loaded>
      <WindowDrawer of={draft} onClose={() => setDraft(null)} />
    </div>
  );
}

function List({ windows, onChange }: { windows: readonly PauseWindow[]; onChange: (window: PauseWindow) => void }) {
  const t = useMessages(messages);
  const language = useStore(languageStore);
  const withdrawal = useSubmit(WITHDRAW);
  const withdraw = async (id: string) => {
    if (await withdrawal.submit({ input: { id } })) notify(t.withdrawn);
  };
  const columns: readonly Column<PauseWindow>[] = [
    { key: 'name', title: t.name, render: row => <span className="row wrap"><strong>{row.name}</strong><Tag tone={TONES[stateOf(row)]}>{t[stateOf(row)]}</Tag></span> },
    { key: 'time', title: t.time, render: row => <><Instant at={row.startAt} /> – <Instant at={row.endAt} /></> },
    { key: 'length', title: t.length, wide: true, render: row => durationText((Date.parse(row.endAt) - Date.parse(row.startAt)) / 1000, language) },
    { key: 'by', title: t.by, wide: true, render: row => row.declaredBy.name },
    {
      key: 'steps',
      title: t.steps,
      render: row =>
        stateOf(row) === 'planned' ? (
          <span className="row wrap">
            <Button size="small" onClick={() => onChange(row)}>{t.change}</Button>
            <Popconfirm title={t.withdrawTitle(row.name)} description={t.withdrawHint} okText={t.withdraw} cancelText={t.cancel} onConfirm={() => void withdraw(row.id)}>
              <Button size="small" danger>{t.withdraw}</Button>
            </Popconfirm>
          </span>
        ) : (
          <span className="muted">{stateOf(row) === 'running' ? t.runningHint : t.pastHint}</span>
        ),
    },
  ];
  return (
    <section className="card">
      <Problem of={withdrawal.problem} />
      <CursorTable label={t.title} rows={windows} columns={columns} rowKey={row => row.id} empty={t.empty} />
    </section>
  );
}
