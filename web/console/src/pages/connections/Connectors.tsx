import { useState } from 'react';

import { Button, Drawer, Input, Popconfirm, Select } from 'antd';
import { useQuery } from 'urql';

import type { Permission } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { CursorTable, type Column } from '../../components/CursorTable';
import { besides, Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Secret } from '../../components/Secret';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { EMPLOYEES } from '../staff/documents';
import { PermissionTags } from '../staff/Permissions';
import { CONNECTORS, CREATE_CONNECTOR, DISABLE_CONNECTOR, HAND_OVER, type Connector } from './documents';
import { messages } from './messages';
import { Scopes } from './Scopes';

export function Connectors() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: CONNECTORS, variables: { merchantId: null } });
  const [opened, setOpened] = useState<string | null>(null);
  const close = () => setOpened(null);
  const columns: readonly Column<Connector>[] = [
    { key: 'name', title: t.name, render: row => <button type="button" className="link" onClick={() => setOpened(row.id)}>{row.name}</button> },
    { key: 'scopes', title: t.scopes, wide: true, render: row => <PermissionTags of={row.scopes} /> },
    { key: 'owner', title: t.owner, width: '100px', wide: true, render: row => row.owner?.name ?? '–' },
    { key: 'used', title: t.lastUsed, width: '120px', wide: true, render: row => (row.lastUsedAt ? <Instant at={row.lastUsedAt} /> : <span className="muted">{t.unused}</span>) },
    { key: 'expires', title: t.expires, width: '110px', render: row => (row.expiresAt ? <Instant at={row.expiresAt} form="day" /> : t.never) },
    { key: 'state', title: t.state, width: '90px', render: row => (row.disabledAt ? <Tag>{t.connectorDisabled}</Tag> : <Tag tone="green">{t.enabled}</Tag>) },
  ];
  return (
    <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
      {({ connectors }) => {
        const rows = connectors ?? [];
        const connector = rows.find(({ id }) => id === opened);
        return (
          <>
            <div className="pane-head">
              <Button type="primary" onClick={() => setOpened('new')}>{t.addConnector}</Button>
              <span className="muted">{t.connectorsHint}</span>
            </div>
            <CursorTable label={t.connectors} rows={rows} columns={columns} rowKey={row => row.id} empty={t.noConnectors} />
            <Drawer open={opened === 'new' || connector !== undefined} onClose={close} size={520} destroyOnHidden closable={{ 'aria-label': t.close }} title={connector?.name ?? t.addConnector}>
              {opened === 'new' && <NewConnector onDone={close} />}
              {connector && <Present key={connector.id} connector={connector} />}
            </Drawer>
          </>
        );
      }}
    </Loaded>
  );
}

function NewConnector({ onDone }: { onDone: () => void }) {
  const t = useMessages(messages);
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Permission[]>([]);
  const { submit, problem, isRunning, payload } = useSubmit(CREATE_CONNECTOR);
  const send = () => void submit({ input: { name: name.trim(), scopes: [...scopes] } });
  if (payload?.token) {
    return (
      <div className="form">
        <Secret label={t.token} text={payload.token} />
        <Button type="primary" onClick={onDone}>{t.kept}</Button>
      </div>
    );
  }
  return (
    <Form problem={problem} fields={['name', 'scopes']} send={send} label={t.create} isRunning={isRunning}>
      <Field name="name" problem={problem} label={t.name} hint={t.tokenHint}>
        <Input required autoFocus maxLength={64} value={name} onChange={event => setName(event.target.value)} />
      </Field>
      <Scopes giver="MERCHANT" value={scopes} onChange={setScopes} problem={problem} />
    </Form>
  );
}

function Present({ connector }: { connector: Connector }) {
  const t = useMessages(messages);
  const disabling = useSubmit(DISABLE_CONNECTOR);
  return (
    <>
      <dl className="facts">
        <dt>{t.scopes}</dt>
        <dd><PermissionTags of={connector.scopes} /></dd>
        <dt>{t.owner}</dt>
        <dd>{connector.owner?.name ?? '–'}</dd>
        <dt>{t.createdAt}</dt>
        <dd><Instant at={connector.createdAt} form="full" /></dd>
        <dt>{t.expires}</dt>
        <dd>{connector.expiresAt ? <Instant at={connector.expiresAt} form="full" /> : t.never}</dd>
      </dl>
      {connector.disabledAt === null && (
        <section className="drawer-steps">
          <HandOver connector={connector} />
          <div>
            <Popconfirm title={t.disable} description={t.disableConnectorHint} okText={t.yes} cancelText={t.no} onConfirm={() => disabling.submit({ input: { id: connector.id } })}>
              <Button danger loading={disabling.isRunning}>{t.disable}</Button>
            </Popconfirm>
          </div>
          <Problem of={disabling.problem} />
        </section>
      )}
    </>
  );
}

function HandOver({ connector }: { connector: Connector }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const [employeeId, setEmployee] = useState<string | null>(null);
  // Who may not see the staff can still take a connector over.
  const [{ data }] = useQuery({ query: EMPLOYEES, pause: !viewer.may('STAFF_MANAGE') });
  const employees = (data?.employees?.nodes ?? []).filter(({ disabledAt }) => disabledAt === null);
  const { submit, problem, isRunning } = useSubmit(HAND_OVER);
  const send = async () => {
    if (await submit({ input: { id: connector.id, employeeId } })) notify(t.saved);
  };
  return (
    <>
      {viewer.may('STAFF_MANAGE') && (
        <Field label={t.handOver} name="employeeId" problem={problem} hint={t.handOverHint}>
          <Select value={employeeId} onChange={setEmployee} optionFilterProp="label" options={employees.map(({ id, name }) => ({ value: id, label: name }))} />
        </Field>
      )}
      <div className="row">
        {employeeId ? (
          <Popconfirm title={t.handOver} description={t.handOverHint} okText={t.yes} cancelText={t.no} onConfirm={() => send()}>
            <Button loading={isRunning}>{t.handOver}</Button>
          </Popconfirm>
        ) : (
          <Button loading={isRunning} onClick={() => void send()}>{t.takeOver}</Button>
        )}
      </div>
      <Problem of={besides(problem, 'employeeId')} />
    </>
  );
}
