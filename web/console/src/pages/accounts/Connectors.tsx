// The systems that connect to the platform for several merchants, or for all.
import { useState } from 'react';

import { Button, Drawer, Input, Popconfirm } from 'antd';
import { useQuery } from 'urql';

import type { Permission } from '../../api/graphql/graphql';
import { useTimeZone } from '../../api/timeZone';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { instantAt } from '../../api/wallTime';
import { CursorTable, type Column } from '../../components/CursorTable';
import { besides, Field } from '../../components/Field';
import { Form, sending } from '../../components/Form';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { OneTimeCode } from '../platform/OneTimeCode';
import { PermissionTags } from '../staff/Permissions';
import { CONNECTORS, CREATE_CONNECTOR, DISABLE_CONNECTOR, SET_MERCHANTS, type Connector } from './documents';
import { Grants } from './Grants';
import { Served, served, type Serves } from './Served';
import { messages } from './messages';

/** What a platform's connector may have only from somebody who may read all merchants. */
const READING = new Set<Permission>(['SERVICE_ORDER_READ', 'QUALITY_READ']);

export function Connectors() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: CONNECTORS });
  const [opened, setOpened] = useState<string | null>(null);
  const columns: readonly Column<Connector>[] = [
    { key: 'name', title: t.connectorName, render: row => <button type="button" className="link" onClick={() => setOpened(row.id)}>{row.name}</button> },
    { key: 'scopes', title: t.scopes, wide: true, render: row => <PermissionTags of={row.scopes} /> },
    { key: 'merchants', title: t.merchants, render: row => (row.merchantIds === null ? t.all : t.count(row.merchantIds.length)) },
    { key: 'used', title: t.used, width: '120px', wide: true, render: row => (row.lastUsedAt ? <Instant at={row.lastUsedAt} /> : <span className="muted">{t.unused}</span>) },
    { key: 'expires', title: t.expires, width: '130px', wide: true, render: row => (row.expiresAt ? <Instant at={row.expiresAt} form="day" /> : t.never) },
    { key: 'state', title: t.state, width: '90px', render: row => (row.disabledAt === null ? <Tag tone="green">{t.enabled}</Tag> : <Tag tone="red">{t.disabled}</Tag>) },
  ];
  const rows = result.data?.platformConnectors ?? [];
  const connector = rows.find(({ id }) => id === opened);
  return (
    <>
      <div className="pane-head">
        <Button type="primary" onClick={() => setOpened('new')}>{t.addConnector}</Button>
        <span className="muted">{t.connectorsHint}</span>
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {() => <CursorTable label={t.connectors} rows={rows} columns={columns} rowKey={row => row.id} empty={t.noConnectors} />}
      </Loaded>
      {/* Not within what is loaded: a token that is shown once stays while the list is renewed. */}
      <Drawer
        open={opened === 'new' || connector !== undefined}
        onClose={() => setOpened(null)}
        size={520}
        destroyOnHidden
        closable={{ 'aria-label': t.close }}
        title={connector?.name ?? t.addConnector}
      >
        {opened === 'new' && <NewConnector onDone={() => setOpened(null)} />}
        {connector && <Present key={connector.id} connector={connector} />}
      </Drawer>
    </>
  );
}

function NewConnector({ onDone }: { onDone: () => void }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const zone = useTimeZone();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Permission[]>([]);
  const [serves, setServes] = useState<Serves>({ isAll: true, ids: [] });
  const [until, setUntil] = useState('');
  const { submit, problem, isRunning, payload } = useSubmit(CREATE_CONNECTOR);
  const send = () => void submit({ input: { name: name.trim(), scopes, ...served(serves), ...(until && { expiresAt: instantAt(`${until}T00:00`, zone) }) } });
  if (payload?.token) {
    return (
      <div className="form">
        <OneTimeCode code={payload.token} expiresAt={payload.connector?.expiresAt ?? null} hint={t.token} />
        <Button type="primary" onClick={onDone}>{t.kept}</Button>
      </div>
    );
  }
  return (
    <Form
      problem={problem}
      fields={['name', 'scopes', 'merchantIds', 'expiresAt']}
      send={send}
      label={t.create}
      isIncomplete={!scopes.length || (!serves.isAll && !serves.ids.length)}
      isRunning={isRunning}
    >
      <Field name="name" problem={problem} label={t.connectorName}>
        <Input required autoFocus maxLength={64} value={name} onChange={event => setName(event.target.value)} />
      </Field>
      <Grants
        name="scopes"
        label={t.scopes}
        hint={t.scopesHint}
        problem={problem}
        isOffered={({ scopeGiver }) => scopeGiver !== null}
        whyNot={({ permission }) => (READING.has(permission) && !viewer.may('MERCHANT_READ') ? t.needsRead : null)}
        value={scopes}
        onChange={setScopes}
      />
      <Served value={serves} onChange={setServes} problem={problem} />
      <Field name="expiresAt" problem={problem} label={t.expires} hint={t.expiresHint}>
        <input className="input" type="date" value={until} onChange={event => setUntil(event.target.value)} />
      </Field>
    </Form>
  );
}

function Present({ connector }: { connector: Connector }) {
  const t = useMessages(messages);
  const [serves, setServes] = useState<Serves>({ isAll: connector.merchantIds === null, ids: connector.merchantIds ?? [] });
  const setting = useSubmit(SET_MERCHANTS);
  const disabling = useSubmit(DISABLE_CONNECTOR);
  const send = async () => {
    if (await setting.submit({ input: { id: connector.id, ...served(serves) } })) notify(t.saved);
  };
  return (
    <>
      <dl className="facts">
        <dt>{t.scopes}</dt>
        <dd><PermissionTags of={connector.scopes} /></dd>
        <dt>{t.by}</dt>
        <dd>{connector.createdBy?.name ?? '–'} · <Instant at={connector.createdAt} /></dd>
        <dt>{t.expires}</dt>
        <dd>{connector.expiresAt ? <Instant at={connector.expiresAt} form="full" /> : t.never}</dd>
        <dt>{t.state}</dt>
        <dd>{connector.disabledAt === null ? t.enabled : <>{t.disabled} · <Instant at={connector.disabledAt} /></>}</dd>
      </dl>
      {connector.disabledAt === null && (
        <>
          <form className="form drawer-steps" onSubmit={sending(send)}>
            <Served value={serves} onChange={setServes} problem={setting.problem} />
            <Problem of={besides(setting.problem, 'merchantIds')} onRetry={() => void send()} />
            <div className="row"><Button htmlType="submit" loading={setting.isRunning} disabled={!serves.isAll && !serves.ids.length}>{t.saveMerchants}</Button></div>
          </form>
          <section className="drawer-steps">
            <div className="row">
              <Popconfirm title={`${t.disable}: ${connector.name}`} description={t.disableConnectorHint} okText={t.confirm} cancelText={t.cancel} onConfirm={() => void disabling.submit({ input: { id: connector.id } })}>
                <Button danger loading={disabling.isRunning}>{t.disable}</Button>
              </Popconfirm>
            </div>
            <Problem of={disabling.problem} />
          </section>
        </>
      )}
    </>
  );
}
