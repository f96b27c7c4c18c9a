// Who works for the platform and what connects to it, and what was changed about both.
import { useState, type ReactNode } from 'react';

import { Button, Tabs } from 'antd';

import { usePages } from '../../api/usePages';
import { useViewer } from '../../api/viewer';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Tag } from '../../components/StatusTag';
import { useTab } from '../../components/useTab';
import { useMessages } from '../../i18n/messages';
import { PermissionTags } from '../staff/Permissions';
import { AccountDrawer } from './AccountDrawer';
import { Connectors } from './Connectors';
import { ACCOUNTS, HISTORY, type Account, type Event } from './documents';
import { kinds, messages } from './messages';
import '../platform/platform.css';

const TABS = ['accounts', 'connectors', 'history'] as const;

export default function AccountsPage() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const open = TABS.filter(name => viewer.may(name === 'connectors' ? 'ENROLMENT_REVIEW' : 'PLATFORM_ACCOUNT_MANAGE'));
  const [asked, setTab] = useTab(TABS);
  const tab = open.includes(asked) ? asked : open[0];
  const panes: Readonly<Record<(typeof TABS)[number], ReactNode>> = { accounts: <List />, connectors: <Connectors />, history: <History /> };
  return (
    <div className="page">
      <div className="page-head"><h1>{t.title}</h1></div>
      <section className="card">
        <Tabs
          className="list-tabs"
          {...(tab && { activeKey: tab })}
          onChange={key => setTab(key as (typeof TABS)[number])}
          destroyOnHidden
          items={open.map(key => ({ key, label: t[key], children: panes[key] }))}
        />
      </section>
    </div>
  );
}

function List() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const pages = usePages(ACCOUNTS, {}, data => data.platformAccounts);
  // By id: what is shown is the account as it is now.
  const [opened, setOpened] = useState<string | null>(null);
  const account = opened === 'new' ? opened : (pages.nodes.find(({ id }) => id === opened) ?? null);
  const columns: readonly Column<Account>[] = [
    {
      key: 'name',
      title: t.name,
      render: row => (
        <span className="row wrap">
          <button type="button" className="link" onClick={() => setOpened(row.id)}>{row.name}</button>
          {row.id === viewer.id && <Tag tone="blue">{t.you}</Tag>}
        </span>
      ),
    },
    { key: 'login', title: t.login, wide: true, render: row => <span className="mono">{row.login}</span> },
    { key: 'permissions', title: t.permissions, wide: true, render: row => <PermissionTags of={row.permissions} /> },
    { key: 'created', title: t.created, width: '120px', wide: true, render: row => <Instant at={row.createdAt} form="day" /> },
    { key: 'state', title: t.state, width: '90px', render: row => (row.disabledAt === null ? <Tag tone="green">{t.enabled}</Tag> : <Tag tone="red">{t.disabled}</Tag>) },
  ];
  return (
    <>
      <div className="pane-head">
        <Button type="primary" onClick={() => setOpened('new')}>{t.addAccount}</Button>
        <span className="muted">{t.accountsHint}</span>
      </div>
      <CursorTable label={t.accounts} pages={pages} columns={columns} rowKey={row => row.id} empty={t.noAccounts} />
      <AccountDrawer
        of={account}
        onClose={() => {
          setOpened(null);
          pages.refresh();
        }}
      />
    </>
  );
}

function History() {
  const t = useMessages(messages);
  const names = useMessages(kinds);
  const pages = usePages(HISTORY, {}, data => data.platformAccountHistory);
  const columns: readonly Column<Event>[] = [
    { key: 'at', title: t.at, width: '120px', render: row => <Instant at={row.at} /> },
    { key: 'what', title: t.what, width: '150px', render: row => names[row.kind] },
    { key: 'subject', title: t.subject, width: '140px', render: row => row.subject },
    { key: 'details', title: t.details, wide: true, render: row => <Details of={row} /> },
    { key: 'who', title: t.who, width: '140px', wide: true, render: row => row.actor.name },
  ];
  return <CursorTable label={t.history} pages={pages} columns={columns} rowKey={row => String(row.sequence)} empty={t.noHistory} />;
}

function Details({ of: { changed, granted, withdrawn, before, after } }: { of: Event }) {
  const t = useMessages(messages);
  return (
    <>
      {changed.includes('NAME') && before.name && <p>{before.name} → {after.name}</p>}
      {granted.length > 0 && <p className="row wrap"><span className="muted">{t.gains}</span> <PermissionTags of={granted} tone="green" /></p>}
      {withdrawn.length > 0 && <p className="row wrap"><span className="muted">{t.loses}</span> <PermissionTags of={withdrawn} tone="red" /></p>}
    </>
  );
}
