import type { EnrolmentStatus } from '../../api/graphql/graphql';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { enrolmentStatuses } from './messages';

const TONES: Readonly<Record<EnrolmentStatus, string>> = {
  NOT_ENROLLED: 'grey',
  PENDING_REVIEW: 'blue',
  ENABLED: 'green',
  REJECTED: 'red',
  SUSPENDED: 'amber',
};

export function EnrolmentTag({ of }: { of: EnrolmentStatus }) {
  const t = useMessages(enrolmentStatuses);
  return <Tag tone={TONES[of]}>{t[of]}</Tag>;
}
