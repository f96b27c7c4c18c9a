import { Button, Popconfirm } from 'antd';

import { usePages } from '../../api/usePages';
import { useSubmit } from '../../api/useSubmit';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { deviceOf } from './device';
import { END_SESSION, END_SESSIONS, SESSIONS, type Session } from './documents';
import { messages } from './messages';

/** Where the account is signed in, and an end to it. */
export function Sessions() {
  const t = useMessages(messages);
  const pages = usePages(SESSIONS, {}, data => data.sessions);
  const ending = useSubmit(END_SESSION);
  const endingAll = useSubmit(END_SESSIONS);
  const end = async (id: string) => {
    if (await ending.submit({ input: { id } })) pages.refresh();
  };
  const endOthers = async () => {
    const payload = await endingAll.submit({ input: { includeCurrent: false } });
    if (!payload) return;
    notify(t.ended(payload.ended ?? 0));
    pages.refresh();
  };
  const columns: readonly Column<Session>[] = [
    {
      key: 'device',
      title: t.device,
      render: row => <span title={row.userAgent ?? undefined}>{row.label ?? deviceOf(row.userAgent) ?? t.unknownDevice} {row.isCurrent && <Tag tone="blue">{t.thisOne}</Tag>}</span>,
    },
    { key: 'began', title: t.began, width: '130px', wide: true, render: row => <Instant at={row.createdAt} /> },
    { key: 'used', title: t.used, width: '130px', render: row => <Instant at={row.lastUsedAt} /> },
    {
      key: 'end',
      title: <span className="visually-hidden">{t.end}</span>,
      align: 'right',
      width: '90px',
      render: row =>
        !row.isCurrent && (
          <Popconfirm title={t.end} description={t.endHint} okText={t.yes} cancelText={t.no} onConfirm={() => end(row.id)}>
            <Button size="small">{t.end}</Button>
          </Popconfirm>
        ),
    },
  ];
  return (
    <section className="card">
      <div className="card-head">
        <h2 className="grow">{t.sessions}</h2>
        <Popconfirm title={t.endOthers} description={t.endOthersHint} okText={t.yes} cancelText={t.no} onConfirm={() => endOthers()}>
          <Button danger loading={endingAll.isRunning}>{t.endOthers}</Button>
        </Popconfirm>
      </div>
      <Problem of={ending.problem ?? endingAll.problem} />
      <CursorTable label={t.sessions} pages={pages} columns={columns} rowKey={row => row.id} empty={t.noSessions} />
    </section>
  );
}
