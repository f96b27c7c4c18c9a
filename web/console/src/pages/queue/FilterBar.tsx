import { useState, type SubmitEvent } from 'react';

import ExportOutlined from '@ant-design/icons/es/icons/ExportOutlined';
import { Popover } from 'antd';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';

import { useStore } from '../../api/store';
import type { CountersFragment, Expectation } from '../../api/graphql/graphql';
import { useViewer } from '../../api/viewer';
import { loadable } from '../../components/loadable';
import { useMessages } from '../../i18n/messages';
import { expectations } from '../../i18n/terms';
import { chooseDensity, densityStore, type Density } from '../../theme/appearance';
import { Claim } from './Claim';
import { columns } from './columns';
import { REASONS } from './documents';
import { messages } from './messages';
import { forgetView, hiddenStore, saveView, toggleColumn, viewsStore } from './saved';
import { counted, ORDERINGS, type Sorting } from './tabs';
import type { Desk } from './useDesk';

const NewExport = loadable(() => import('../exports/NewExport'));

const QUEUES = { review: 'REVIEW', receipt: 'RECEIPT', processing: 'PROCESSING' } as const;
const CLAIMERS = { review: 'REVIEW', receipt: 'RECEIVE', processing: 'PROCESS' } as const;
const URGENT = new Set(['overdue', 'blocked', 'pastTarget']);

export function FilterBar({ desk, summary, onKeys }: { desk: Desk; summary: CountersFragment | null; onKeys: () => void }) {
  const t = useMessages(messages);
  const { tab, view, show } = desk;
  const viewer = useViewer();
  return (
    <div className="desk-filters" role="group" aria-label={t.filters}>
      {tab.quick.map(quick => {
        const count = quick === 'everything' ? undefined : counted(summary, tab.key, quick);
        if (quick === 'blocked' && !count && view.quick !== 'blocked') return null;
        return (
          <button key={quick} type="button" className="chip" aria-pressed={view.quick === quick} onClick={() => show({ quick })}>
            {t[quick]}
            {count ? <span className={URGENT.has(quick) ? 'count count-urgent' : 'count'}>{count}</span> : null}
          </button>
        );
      })}
      <Selects desk={desk} />
      <span className="grow" />
      {tab.key !== 'all' && viewer.may(CLAIMERS[tab.key]) && <Claim queue={QUEUES[tab.key]} />}
      {viewer.may('EXPORT') && <ExportButton desk={desk} />}
      <SavedViews desk={desk} />
      <ViewOptions onKeys={onKeys} />
    </div>
  );
}

function Selects({ desk: { view, show } }: { desk: Desk }) {
  const t = useMessages(messages);
  const wants = useMessages(expectations);
  const [{ data }] = useQuery({ query: REASONS, requestPolicy: 'cache-first' });
  const groups = (data?.reasons ?? []).filter(({ parentCode }) => parentCode === null);
  return (
    <>
      <select className="select" aria-label={t.expectation} value={view.expectation ?? ''} onChange={event => show({ expectation: (event.target.value || null) as Expectation | null })}>
        <option value="">{t.anyExpectation}</option>
        {(['RETURN', 'EXCHANGE', 'REPAIR'] as const).map(key => <option key={key} value={key}>{wants[key]}</option>)}
      </select>
      <select className="select select-reason" aria-label={t.reason} value={view.reason ?? ''} onChange={event => show({ reason: event.target.value || null })}>
        <option value="">{t.anyReason}</option>
        {groups.map(({ code, name }) => {
          const own = data?.reasons.filter(({ parentCode }) => parentCode === code) ?? [];
          return own.length ? (
            <optgroup key={code} label={name}>
              {own.map(reason => <option key={reason.code} value={reason.code}>{reason.name}</option>)}
            </optgroup>
          ) : (
            <option key={code} value={code}>{name}</option>
          );
        })}
      </select>
      <select className="select" aria-label={t.order} value={view.sorting} onChange={event => show({ sorting: event.target.value as Sorting })}>
        {(Object.keys(ORDERINGS) as Sorting[]).map(key => <option key={key} value={key}>{t[key]}</option>)}
      </select>
    </>
  );
}

function ExportButton({ desk: { filter } }: { desk: Desk }) {
  const t = useMessages(messages);
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="chip" aria-label={t.export} title={t.export} onClick={() => setAsking(true)}><ExportOutlined /></button>
      {isAsking && (
        <NewExport filter={filter} onStarted={() => void navigate('/exports')} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

function SavedViews({ desk: { view, show } }: { desk: Desk }) {
  const t = useMessages(messages);
  const saved = useStore(viewsStore);
  const [name, setName] = useState('');
  const [isOpen, setOpen] = useState(false);
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    saveView({ ...view, name: name.trim() });
    setName('');
    setOpen(false);
  };
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={isOpen}
      onOpenChange={setOpen}
      content={
        <div className="menu">
          {saved.map(({ name: title, ...kept }) => (
            <div key={title} className="row">
              <button type="button" className="link grow menu-item" onClick={() => { show(kept); setOpen(false); }}>{title}</button>
              <button type="button" className="icon-button" aria-label={t.forget(title)} onClick={() => forgetView(title)}>×</button>
            </div>
          ))}
          <form className="row" onSubmit={save}>
            <input className="input" aria-label={t.saveName} placeholder={t.saveName} value={name} maxLength={20} onChange={event => setName(event.target.value)} />
            <button type="submit" className="chip">{t.saveDone}</button>
          </form>
        </div>
      }
    >
      <button type="button" className="chip">{t.saved}{saved.length ? <span className="count">{saved.length}</span> : null}</button>
    </Popover>
  );
}

function ViewOptions({ onKeys }: { onKeys: () => void }) {
  const t = useMessages(messages);
  const density = useStore(densityStore);
  const hidden = useStore(hiddenStore);
  const content = (
    <div className="menu">
      <fieldset>
        <legend>{t.density}</legend>
        {(['dense', 'comfortable'] as Density[]).map(each => (
          <label key={each}>
            <input type="radio" name="density" checked={density === each} onChange={() => chooseDensity(each)} /> {t[each]}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{t.columns}</legend>
        {columns.map(({ key, title }) => (
          <label key={key}>
            <input type="checkbox" checked={!hidden.includes(key)} onChange={() => toggleColumn(key)} /> {t[title]}
          </label>
        ))}
      </fieldset>
      <button type="button" className="link menu-item desk-keys" onClick={onKeys}><kbd>?</kbd> {t.keys}</button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" content={content}>
      <button type="button" className="chip">{t.view}</button>
    </Popover>
  );
}
