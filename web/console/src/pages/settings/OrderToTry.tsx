// An order to try a setting with: one that waits for a review, by its number or from the list.
import { useState } from 'react';

import { Select } from 'antd';
import { useQuery } from 'urql';

import type { OrdersToTryQuery } from '../../api/graphql/graphql';
import { Failed } from '../../components/Failed';
import { useSettled } from '../../components/useSettled';
import { useMessages } from '../../i18n/messages';
import { WAITING_ORDERS } from './documents';
import { messages } from './messages';

export type TriedOrder = NonNullable<OrdersToTryQuery['serviceOrders']>['nodes'][number];

const SHORTEST_NUMBER = 4;

export function OrderToTry({ value, onChange }: { value: TriedOrder | null; onChange: (order: TriedOrder) => void }) {
  const t = useMessages(messages);
  const [typed, setTyped] = useState('');
  const digits = useSettled(typed.replace(/\D/g, ''), typed);
  const filter = { status: ['PENDING_REVIEW'] as const, ...(digits.length >= SHORTEST_NUMBER && { numberPrefix: digits }) };
  const [{ data, fetching, error }, refresh] = useQuery({ query: WAITING_ORDERS, variables: { filter } });
  const orders = data?.serviceOrders?.nodes ?? [];
  if (error) return <Failed error={error} onRetry={() => refresh({ requestPolicy: 'network-only' })} />;
  return (
    <Select
      aria-label={t.order}
      className="order-choice"
      showSearch={{ filterOption: false, onSearch: setTyped }}
      placeholder={t.chooseOrder}
      loading={fetching}
      notFoundContent={t.noOrder}
      value={value?.id ?? null}
      onChange={id => {
        const order = orders.find(one => one.id === id);
        if (order) onChange(order);
      }}
      options={[...(value && !orders.some(({ id }) => id === value.id) ? [value] : []), ...orders].map(({ id, number, item }) => ({ value: id, label: `${number} · ${item.name}` }))}
    />
  );
}
