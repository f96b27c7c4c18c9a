import type { ServiceOrderStatus } from '../api/graphql/graphql';
import { useMessages } from '../i18n/messages';
import { statuses } from '../i18n/terms';

const TONES: Readonly<Record<ServiceOrderStatus, string>> = {
  PENDING_REVIEW: 'blue',
  AWAITING_FEEDBACK: 'grey',
  AWAITING_SHIPMENT: 'grey',
  AWAITING_RECEIPT: 'violet',
  AWAITING_PROCESSING: 'amber',
  AWAITING_CONFIRMATION: 'grey',
  COMPLETED: 'green',
  REJECTED: 'red',
  CANCELLED: 'grey',
};

export function StatusTag({ of }: { of: ServiceOrderStatus }) {
  const t = useMessages(statuses);
  return <span className={`tag tag-${TONES[of]}`}>{t[of]}</span>;
}

/** A small label in one of the tones of the console. */
export function Tag({ tone = 'grey', children }: { tone?: string; children: React.ReactNode }) {
  return <span className={`tag tag-${tone}`}>{children}</span>;
}
