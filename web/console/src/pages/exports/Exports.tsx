// The exports of the merchant: how far they are, and their files.
import { useState } from 'react';

import { Button, Popconfirm } from 'antd';
import { useSubscription } from 'urql';

import type { ExportStatus } from '../../api/graphql/graphql';
import { useStore } from '../../api/store';
import { usePages } from '../../api/usePages';
import { useSubmit } from '../../api/useSubmit';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { loadable } from '../../components/loadable';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { CANCEL, EXPORTS, PROGRESS, type Export } from './documents';
import { errors, formats, messages, states } from './messages';
import './exports.css';

const NewExport = loadable(() => import('./NewExport'));

const TONES: Readonly<Record<ExportStatus, string>> = { QUEUED: 'grey', RUNNING: 'blue', DONE: 'green', FAILED: 'red', CANCELLED: 'grey', EXPIRED: 'grey' };

export default function Exports() {
  const t = useMessages(messages);
  const formatNames = useMessages(formats);
  const pages = usePages(EXPORTS, {}, data => data.exports);
  const [isAsking, setAsking] = useState(false);
  const columns: readonly Column<Export>[] = [
    { key: 'at', title: t.at, width: '120px', render: row => <Instant at={row.createdAt} /> },
    { key: 'by', title: t.by, width: '100px', wide: true, render: row => row.requestedBy.name },
    { key: 'format', title: t.format, width: '110px', wide: true, render: row => formatNames[row.format] },
    { key: 'state', title: t.state, render: row => <State of={row} /> },
    { key: 'rows', title: t.rows, width: '90px', align: 'right', wide: true, render: row => (row.status === 'DONE' || row.status === 'EXPIRED' ? row.rowsWritten : row.total) },
    { key: 'size', title: t.size, width: '100px', align: 'right', wide: true, render: row => <Bytes of={row.bytes} /> },
    { key: 'file', title: t.file, render: row => <File of={row} /> },
  ];
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t.title}</h1>
        <span className="muted grow">{t.hint}</span>
        <Button type="primary" onClick={() => setAsking(true)}>{t.add}</Button>
      </div>
      <section className="card">
        <CursorTable
          label={t.title}
          pages={pages}
          columns={columns}
          rowKey={row => row.id}
          empty={t.empty}
        />
      </section>
      {isAsking && (
        <NewExport onStarted={() => setAsking(false)} onClose={() => setAsking(false)} />
      )}
    </div>
  );
}

function State({ of }: { of: Export }) {
  const t = useMessages(messages);
  const names = useMessages(states);
  const reasons = useMessages(errors);
  const isUnfinished = of.status === 'QUEUED' || of.status === 'RUNNING';
  useSubscription({ query: PROGRESS, variables: { id: of.id }, pause: !isUnfinished });
  return (
    <div className="export-state">
      <Tag tone={TONES[of.status]}>{names[of.status]}</Tag>
      {of.revealsContacts && <Tag tone="amber">{t.contacts}</Tag>}
      {isUnfinished && (
        <>
          <progress aria-label={t.progress} value={of.rowsWritten} max={Math.max(of.total, 1)} />
          <span className="muted nowrap">{t.written(of.rowsWritten, of.total)}</span>
        </>
      )}
      {of.error && <span className="danger">{reasons[of.error]}</span>}
    </div>
  );
}

function File({ of }: { of: Export }) {
  const t = useMessages(messages);
  const { submit, isRunning, problem } = useSubmit(CANCEL);
  const isUnfinished = of.status === 'QUEUED' || of.status === 'RUNNING';
  return (
    <>
      {isUnfinished && (
        <Popconfirm title={t.cancel} description={t.cancelHint} okText={t.yes} cancelText={t.no} onConfirm={() => submit({ input: { id: of.id } })}>
          <Button size="small" loading={isRunning}>{t.cancel}</Button>
        </Popconfirm>
      )}
      {of.status === 'DONE' && (
        <div className="row wrap">
          {of.url ? <a href={of.url} download>{t.download}</a> : <span className="muted">{t.hidden}</span>}
          <small className="muted">{t.until} <Instant at={of.expiresAt} /></small>
        </div>
      )}
      {of.status === 'EXPIRED' && <span className="muted">{t.gone}</span>}
      <Problem of={problem} />
    </>
  );
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

function Bytes({ of }: { of: number | null }) {
  const locale = localeOf(useStore(languageStore));
  if (of === null) return <>–</>;
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(of, 1)) / 3));
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit: UNITS[step] as string, unitDisplay: 'short', maximumFractionDigits: 1 });
  return <span className="nowrap">{format.format(of / 1000 ** step)}</span>;
}
