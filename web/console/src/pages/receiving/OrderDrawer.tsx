// The order that was scanned or chosen, beside the list: what it is, and what can be done with it now.
import PrinterOutlined from '@ant-design/icons/es/icons/PrinterOutlined';
import { Drawer } from 'antd';
import { Link } from 'react-router';
import { useQuery } from 'urql';

import { Loaded } from '../../components/Loaded';
import { Money } from '../../components/Money';
import { Pictures } from '../../components/Pictures';
import { StatusTag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { expectations } from '../../i18n/terms';
import { Actions } from '../order/Actions';
import { ORDER, type Order } from '../order/documents';
import { messages as orderMessages } from '../order/messages';
import { Outcome } from '../order/Outcome';
import { useRenewed } from '../order/useRenewed';
import { ClockBar } from '../review/ClockBar';
import { messages } from './messages';
import '../order/order.css';
import '../review/review.css';

interface Props {
  readonly id: string | null;
  readonly onClose: () => void;
  readonly onClosed: () => void;
}

export function OrderDrawer({ id, onClose, onClosed }: Props) {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: ORDER, variables: { id: id ?? '' }, pause: id === null });
  const order = result.data?.serviceOrder;
  const renew = () => refresh({ requestPolicy: 'network-only' });
  return (
    <Drawer
      open={id !== null}
      onClose={onClose}
      afterOpenChange={isOpen => !isOpen && onClosed()}
      size={560}
      destroyOnHidden
      closable={{ 'aria-label': t.close }}
      title={order?.id === id ? <Heading order={order} /> : ' '}
    >
      <Loaded of={result} onRetry={renew}>
        {({ serviceOrder }) => (serviceOrder?.id === id && serviceOrder ? <Content key={serviceOrder.id} order={serviceOrder} renew={renew} /> : null)}
      </Loaded>
    </Drawer>
  );
}

function Heading({ order }: { order: Order }) {
  const t = useMessages(messages);
  const { slip } = useMessages(orderMessages);
  return (
    <span className="row wrap">
      <Link to={`/orders/${order.id}`} className="mono" title={t.openPage}>{order.number}</Link>
      <StatusTag of={order.status} />
      <Link to={`/orders/${order.id}/slip`} className="icon-button" aria-label={slip} title={slip}><PrinterOutlined /></Link>
    </span>
  );
}

function Content({ order, renew }: { order: Order; renew: () => void }) {
  const wants = useMessages(expectations);
  useRenewed(order.version, renew);
  return (
    <div className="drawer-content">
      <ClockBar of={order.clock} />
      <section>
        <h3>{order.item.name} × {order.item.quantity}</h3>
        <p className="muted">
          {wants[order.expectation]} · {order.reason.name} · {order.customer.name} · <Money of={order.item.paidAmount} />
        </p>
        {order.description && <p className="words">{order.description}</p>}
        <Pictures of={order.pictures} label={order.item.name} />
      </section>
      <section className="actions"><Actions order={order} isFirstOpen /></section>
      <section className="outcome-list"><Outcome order={order} /></section>
    </div>
  );
}
