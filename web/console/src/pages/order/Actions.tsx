// What can be done with an order now, and why the rest cannot.
import { useState } from 'react';

import { Button } from 'antd';

import { DECISIONS } from '../../api/decisions';
import type { ServiceOrderAction } from '../../api/graphql/graphql';
import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import type { Order } from './documents';
import { messages } from './messages';
import { steps } from './steps';

const REVIEWED: readonly ServiceOrderAction[] = DECISIONS;
// Notes have a field of their own.
const ELSEWHERE = new Set<ServiceOrderAction>(['NOTE', ...REVIEWED]);
// What a parcel on the table waits for.
const FIRST = new Set<ServiceOrderAction>(['RECEIVE', 'RECEIVE_CANCELLED']);

/** @param isFirstOpen whether the form of the first step that is possible is shown without asking */
export function Actions({ order, isFirstOpen = false }: { order: Order; isFirstOpen?: boolean }) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const here = order.actions.filter(({ action }) => !ELSEWHERE.has(action));
  const possible = here.filter(({ allowed, action }) => allowed && steps[action]);
  const first = possible.find(({ action }) => FIRST.has(action))?.action ?? null;
  const [opened, setOpened] = useState<ServiceOrderAction | null>(isFirstOpen ? first : null);
  const not = order.actions.filter(({ allowed }) => !allowed);
  const Step = opened && steps[opened];
  return (
    <>
      {possible.length > 0 && (
        <div className="row wrap">
          {possible.map(({ action, allowedUntil }) => (
            <Button key={action} aria-expanded={opened === action} onClick={() => setOpened(opened === action ? null : action)}>
              {names[action]}
              {allowedUntil && <small className="muted">{t.until} <Instant at={allowedUntil} /></small>}
            </Button>
          ))}
        </div>
      )}
      {Step && opened && (
        <div className="step-form">
          <Step key={opened} order={order} action={opened} onDone={() => setOpened(null)} />
        </div>
      )}
      {not.length > 0 && (
        <details className="why-not">
          <summary>{t.whyNot} ({not.length})</summary>
          <dl>
            {not.map(({ action, blockers }) => (
              <div key={action}>
                <dt>{names[action]}</dt>
                <dd>{blockers.map(({ message }) => message).join(' ')}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}
