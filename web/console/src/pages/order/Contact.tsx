import { Button } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { Permission } from '../../components/Permission';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { REVEAL, type Order } from './documents';
import { messages } from './messages';

/** The customer, masked until somebody who may asks for the contact, which is logged. */
export function Contact({ order }: { order: Order }) {
  const t = useMessages(messages);
  const { submit, payload, isRunning, problem } = useSubmit(REVEAL, { keyed: true });
  const contact = payload?.contact;
  return (
    <>
      <dl className="facts">
        <dt>{t.name}</dt>
        <dd>{contact?.name ?? order.customer.name}</dd>
        <dt>{t.phone}</dt>
        <dd>{contact?.phone ?? order.customer.phone}</dd>
        {contact?.address && (
          <>
            <dt>{t.address}</dt>
            <dd>{contact.address.region} {contact.address.detail}</dd>
          </>
        )}
      </dl>
      <Problem of={problem} />
      {order.personalDataErasedAt ? (
        <p className="muted">{t.erased}</p>
      ) : (
        !contact && (
          <Permission anyOf={['CUSTOMER_CONTACT_READ']}>
            <Button size="small" title={t.revealHint} loading={isRunning} onClick={() => void submit({ input: { id: order.id } })}>{t.reveal}</Button>
          </Permission>
        )
      )}
    </>
  );
}
