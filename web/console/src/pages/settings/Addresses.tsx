// The merchant's return addresses.
import { useState } from 'react';

import { Button } from 'antd';
import { useQuery } from 'urql';

import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { AddressDrawer } from './AddressDrawer';
import { ADDRESSES, type Address } from './documents';
import { messages } from './messages';

export function Addresses() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: ADDRESSES });
  const [opened, setOpened] = useState<string | null>(null);
  const columns: readonly Column<Address>[] = [
    { key: 'contact', title: t.contact, width: '180px', render: row => <button type="button" className="link" onClick={() => setOpened(row.id)}>{row.contact}</button> },
    { key: 'phone', title: t.phone, width: '140px', wide: true, render: row => <span className="mono">{row.phone}</span> },
    { key: 'address', title: t.address, render: row => <>{row.region} {row.detail} {row.zip && <span className="muted mono">{row.zip}</span>} {row.isDefault && <Tag tone="blue">{t.default}</Tag>}</> },
    { key: 'at', title: t.changedAt, width: '120px', wide: true, render: row => <Instant at={row.updatedAt} form="day" /> },
  ];
  return (
    <section className="card">
      <div className="card-head">
        <h2>{t.addresses}</h2>
        <p className="muted grow">{t.addressesHint}</p>
        <Button type="primary" onClick={() => setOpened('new')}>{t.addAddress}</Button>
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ returnAddresses }) => (
          <>
            <CursorTable label={t.addresses} rows={returnAddresses ?? []} columns={columns} rowKey={row => row.id} empty={t.noAddresses} />
            <AddressDrawer of={opened === 'new' ? 'new' : (returnAddresses?.find(({ id }) => id === opened) ?? null)} onClose={() => setOpened(null)} />
          </>
        )}
      </Loaded>
    </section>
  );
}
