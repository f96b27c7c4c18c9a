// The dictionary of reasons as the merchant has it: the platform's and its own, in their groups.
import { useState } from 'react';

import { Button, Popconfirm, Segmented } from 'antd';
import { useQuery } from 'urql';

import type { ReasonUse } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { decisions } from '../../i18n/terms';
import { REASONS, RESTORE_REASON, RETIRE_REASON, type Reason } from './documents';
import { messages } from './messages';
import { ReasonDrawer } from './ReasonDrawer';

const USES: readonly ReasonUse[] = ['APPLICATION', 'REVIEW'];

export function Reasons() {
  const t = useMessages(messages);
  const [use, setUse] = useState<ReasonUse>('APPLICATION');
  const [opened, setOpened] = useState<string | null>(null);
  const [result, refresh] = useQuery({ query: REASONS, variables: { use } });
  return (
    <section className="card">
      <div className="card-head">
        <h2>{t.reasons}</h2>
        <Segmented<ReasonUse> aria-label={t.use} value={use} onChange={setUse} options={USES.map(value => ({ value, label: t[value] }))} />
        <p className="muted grow">{t.reasonsHint}</p>
        <Button type="primary" onClick={() => setOpened('new')}>{t.addReason}</Button>
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ reasons }) => (
          <>
            <List of={reasons.filter(reason => reason.use === use)} onOpen={setOpened} />
            <ReasonDrawer of={opened === 'new' ? 'new' : (reasons.find(({ code }) => code === opened) ?? null)} use={use} reasons={reasons} onClose={() => setOpened(null)} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function List({ of, onOpen }: { of: readonly Reason[]; onOpen: (code: string) => void }) {
  const t = useMessages(messages);
  const names = useMessages(decisions);
  const retiring = useSubmit(RETIRE_REASON);
  const restoring = useSubmit(RESTORE_REASON);
  const retiredGroups = new Set(of.filter(({ parentCode, retiredAt }) => parentCode === null && retiredAt !== null).map(({ code }) => code));
  const columns: readonly Column<Reason>[] = [
    {
      key: 'name',
      title: t.name,
      render: row => {
        const name = row.own ? <button type="button" className="link" onClick={() => onOpen(row.code)}>{row.name}</button> : row.name;
        return row.parentCode === null ? <strong>{name}</strong> : <span className="reason-below">{name}</span>;
      },
    },
    { key: 'code', title: t.code, wide: true, render: row => <span className="mono muted">{row.code}</span> },
    { key: 'whose', title: t.whose, width: '90px', render: row => (row.own ? <Tag tone="blue">{t.own}</Tag> : <Tag>{t.platform}</Tag>) },
    { key: 'decisions', title: t.decisions, wide: true, render: row => row.decisions.map(decision => (names as Record<string, string>)[decision] ?? decision).join(' · ') },
    { key: 'state', title: t.state, width: '150px', wide: true, render: row => (row.retiredAt === null ? <Tag tone="green">{t.inUse}</Tag> : <><Tag tone="amber">{t.retired}</Tag> <span className="muted"><Instant at={row.retiredAt} form="day" /></span></>) },
    {
      key: 'act',
      title: <span className="visually-hidden">{t.act}</span>,
      align: 'right',
      width: '110px',
      render: row => {
        if (row.retiredAt === null) {
          return (
            <Popconfirm title={row.parentCode === null ? t.retireGroup : t.retire} description={t.retireHint} okText={t.yes} cancelText={t.no} onConfirm={() => retiring.submit({ input: { code: row.code } })}>
              <Button size="small" autoInsertSpace={false} aria-label={`${t.retire}: ${row.name}`}>{t.retire}</Button>
            </Popconfirm>
          );
        }
        if (row.parentCode !== null && retiredGroups.has(row.parentCode)) return <span className="muted">{t.groupRetired}</span>;
        return <Button size="small" autoInsertSpace={false} aria-label={`${t.restore}: ${row.name}`} onClick={() => void restoring.submit({ input: { code: row.code } })}>{t.restore}</Button>;
      },
    },
  ];
  return (
    <>
      <Problem of={retiring.problem ?? restoring.problem} />
      <CursorTable label={t.reasons} rows={of} columns={columns} rowKey={row => row.code} />
    </>
  );
}
