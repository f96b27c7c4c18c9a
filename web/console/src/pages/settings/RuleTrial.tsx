// Where the goods of an order would go if it were approved now, and by which rule.
import { useState } from 'react';

import { useQuery } from 'urql';

import { useViewer } from '../../api/viewer';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useRuleText } from '../../i18n/addressRules';
import { useMessages } from '../../i18n/messages';
import { TRY_RULES } from './documents';
import { messages } from './messages';
import { OrderToTry, type TriedOrder } from './OrderToTry';

export function RuleTrial() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const [order, setOrder] = useState<TriedOrder | null>(null);
  return (
    <section className="card">
      <div className="card-head"><h2>{t.tryRules}</h2><p className="muted">{t.tryRulesHint}</p></div>
      <div className="card-body form">
        {viewer.may('REVIEW') && viewer.may('SERVICE_ORDER_READ') ? <OrderToTry value={order} onChange={setOrder} /> : <p className="muted">{t.tryNeedsReview}</p>}
        {order && <Outcome key={order.id} of={order} />}
      </div>
    </section>
  );
}

function Outcome({ of: { id, item } }: { of: TriedOrder }) {
  const t = useMessages(messages);
  const ruleText = useRuleText();
  const [result, refresh] = useQuery({
    query: TRY_RULES,
    variables: { input: { ids: [id], decision: { approve: {} } } },
    requestPolicy: 'network-only',
  });
  return (
    <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
      {({ reviewPlan }) => {
        const planned = reviewPlan?.results[0];
        const refusals = [...(reviewPlan?.refusals ?? []), ...(planned?.refusals ?? [])];
        return (
          <>
            <dl className="facts">
              <dt>SKU</dt><dd className="mono">{item.sku}</dd>
              <dt>{t.category}</dt><dd>{item.category ?? '–'}</dd>
              <dt>{t.warehouse}</dt><dd>{item.warehouse ?? '–'}</dd>
            </dl>
            <Problem of={refusals.length ? { refusals, failure: null } : null} />
            {planned?.returnAddress && (
              <p role="status">
                <Tag tone="blue">{ruleText(planned.returnAddressRule ?? 'DEFAULT')}</Tag> → <strong>{planned.returnAddress.contact}</strong> {planned.returnAddress.phone} {planned.returnAddress.region} {planned.returnAddress.detail}
              </p>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
