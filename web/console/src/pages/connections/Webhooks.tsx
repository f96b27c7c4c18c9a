import { useState } from 'react';

import { Button, Drawer } from 'antd';
import { useQuery } from 'urql';

import { CursorTable, type Column } from '../../components/CursorTable';
import { Loaded } from '../../components/Loaded';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { ENDPOINTS, type Endpoint } from './documents';
import { EndpointSteps } from './EndpointSteps';
import { Deliveries } from './Deliveries';
import { disabledReasons, messages } from './messages';
import { NewEndpoint, PresentEndpoint } from './EndpointForm';

export function Webhooks() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: ENDPOINTS });
  const [opened, setOpened] = useState<string | null>(null);
  const close = () => setOpened(null);
  const columns: readonly Column<Endpoint>[] = [
    { key: 'url', title: t.url, render: row => <button type="button" className="link endpoint-url" onClick={() => setOpened(row.id)}>{row.url}</button> },
    { key: 'description', title: t.description, wide: true, render: row => row.description ?? '–' },
    { key: 'kinds', title: t.kinds, width: '110px', wide: true, render: row => (row.kinds ? t.someKinds(row.kinds.length) : t.allKinds) },
    { key: 'owner', title: t.owner, width: '100px', wide: true, render: row => row.owner.name },
    { key: 'state', title: t.state, width: '150px', render: row => <EndpointState of={row} /> },
  ];
  return (
    <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
      {({ webhookEndpoints }) => {
        const rows = webhookEndpoints ?? [];
        const endpoint = rows.find(({ id }) => id === opened);
        return (
          <>
            <div className="pane-head"><Button type="primary" onClick={() => setOpened('new')}>{t.addEndpoint}</Button></div>
            <CursorTable label={t.webhooks} rows={rows} columns={columns} rowKey={row => row.id} empty={t.noEndpoints} />
            <Drawer open={opened === 'new' || endpoint !== undefined} onClose={close} size={640} destroyOnHidden closable={{ 'aria-label': t.close }} title={endpoint ? <EndpointState of={endpoint} /> : t.addEndpoint}>
              {opened === 'new' && <NewEndpoint onDone={close} />}
              {endpoint && (
                <>
                  <PresentEndpoint key={`${endpoint.id} ${endpoint.version}`} endpoint={endpoint} />
                  <EndpointSteps endpoint={endpoint} onDeleted={close} />
                  <Deliveries endpointId={endpoint.id} />
                </>
              )}
            </Drawer>
          </>
        );
      }}
    </Loaded>
  );
}

function EndpointState({ of }: { of: Endpoint }) {
  const t = useMessages(messages);
  const reasons = useMessages(disabledReasons);
  if (of.disabledReason) return <Tag tone={of.disabledReason === 'BY_HAND' ? 'grey' : 'red'}>{reasons[of.disabledReason]}</Tag>;
  return of.failingSince ? <Tag tone="amber">{t.failing}</Tag> : <Tag tone="green">{t.enabled}</Tag>;
}
