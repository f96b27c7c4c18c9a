// Employees and roles, what a change of them would mean, and what was changed.
import { useState, type ReactNode } from 'react';

import { Button, Tabs } from 'antd';
import { useQuery } from 'urql';

import { usePages } from '../../api/usePages';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Tag } from '../../components/StatusTag';
import { useTab } from '../../components/useTab';
import { useMessages } from '../../i18n/messages';
import { permissions as permissionNames } from '../../i18n/terms';
import { useCeilingText } from './Ceiling';
import { COVERAGE, EMPLOYEES, ROLES, type Employee, type Role } from './documents';
import { EmployeeDrawer } from './EmployeeDrawer';
import { History } from './History';
import { messages } from './messages';
import { PermissionSummary, PermissionTags } from './Permissions';
import { RoleDrawer } from './RoleDrawer';
import './staff.css';

const TABS = ['employees', 'roles', 'coverage', 'history'] as const;

export default function Staff() {
  const t = useMessages(messages);
  const [tab, setTab] = useTab(TABS);
  const panes: Readonly<Record<(typeof TABS)[number], ReactNode>> = {
    employees: <Employees />,
    roles: <Roles />,
    coverage: <Coverage />,
    history: <History />,
  };
  return (
    <div className="page">
      <div className="page-head"><h1>{t.title}</h1></div>
      <section className="card">
        <Tabs
          className="list-tabs"
          activeKey={tab}
          onChange={key => setTab(key as typeof tab)}
          destroyOnHidden
          items={TABS.map(name => ({ key: name, label: t[name], children: panes[name] }))}
        />
      </section>
    </div>
  );
}

function Employees() {
  const t = useMessages(messages);
  const pages = usePages(EMPLOYEES, {}, data => data.employees);
  const [{ data }] = useQuery({ query: ROLES });
  // By id: what is shown is the employee as they are now.
  const [opened, setOpened] = useState<string | null>(null);
  const employee = opened === 'new' ? opened : (pages.nodes.find(({ id }) => id === opened) ?? null);
  const columns: readonly Column<Employee>[] = [
    { key: 'name', title: t.name, render: row => <button type="button" className="link" onClick={() => setOpened(row.id)}>{row.name}</button> },
    { key: 'login', title: t.login, wide: true, render: row => <span className="mono">{row.login}</span> },
    { key: 'roles', title: t.roles, render: row => <span className="tag-list">{row.isMainAccount ? <Tag tone="blue">{t.main}</Tag> : row.roles.map(({ id, name }) => <Tag key={id}>{name}</Tag>)}</span> },
    { key: 'extra', title: t.extra, wide: true, render: row => <PermissionTags of={row.extraPermissions} /> },
    { key: 'open', title: t.open, align: 'right', width: '90px', wide: true, render: row => row.unfinishedOrders },
    { key: 'state', title: t.state, width: '90px', render: row => (row.disabledAt === null ? <Tag tone="green">{t.active}</Tag> : <Tag tone="red">{t.disabled}</Tag>) },
  ];
  return (
    <>
      <div className="pane-head"><Button type="primary" onClick={() => setOpened('new')}>{t.addEmployee}</Button></div>
      <CursorTable
        label={t.employees}
        pages={pages}
        columns={columns}
        rowKey={row => row.id}
        empty={t.empty}
      />
      <EmployeeDrawer
        of={employee}
        roles={data?.roles ?? []}
        onClose={() => {
          setOpened(null);
          pages.refresh();
        }}
      />
    </>
  );
}

function Roles() {
  const t = useMessages(messages);
  const ceilingText = useCeilingText();
  const [result, refresh] = useQuery({ query: ROLES });
  const [opened, setOpened] = useState<string | null>(null);
  const role = opened === 'new' ? opened : (result.data?.roles?.find(({ id }) => id === opened) ?? null);
  const columns: readonly Column<Role>[] = [
    { key: 'name', title: t.roleName, width: '160px', render: row => <button type="button" className="link" onClick={() => setOpened(row.id)}>{row.name}</button> },
    { key: 'permissions', title: t.permissions, render: row => <PermissionSummary of={row.permissions} shown={8} /> },
    { key: 'ceiling', title: t.ceiling, width: '150px', align: 'right', wide: true, render: row => (row.permissions.includes('REFUND') ? ceilingText(row.refundCeiling) : '–') },
    { key: 'at', title: t.at, width: '120px', wide: true, render: row => <Instant at={row.updatedAt} form="day" /> },
  ];
  return (
    <>
      <div className="pane-head"><Button type="primary" onClick={() => setOpened('new')}>{t.addRole}</Button></div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ roles }) => <CursorTable label={t.roles} rows={roles ?? []} columns={columns} rowKey={row => row.id} />}
      </Loaded>
      <RoleDrawer of={role} onClose={() => setOpened(null)} />
    </>
  );
}

function Coverage() {
  const t = useMessages(messages);
  const names = useMessages(permissionNames);
  const [result, refresh] = useQuery({ query: COVERAGE });
  return (
    <div className="card-body">
      <p className="muted">{t.coverageHint}</p>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ coverage }) => (
          <dl className="facts coverage">
            {(coverage ?? []).map(({ permission, holders }) => (
              <div key={permission} className="coverage-row">
                <dt>{names[permission]}</dt>
                <dd>{holders ? t.holders(holders) : <Tag tone="amber">{t.onlyMain}</Tag>}</dd>
              </div>
            ))}
          </dl>
        )}
      </Loaded>
    </div>
  );
}
