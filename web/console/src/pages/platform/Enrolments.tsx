// The merchants that wait for the platform's decision.
import { MerchantList } from './MerchantList';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

export default function Enrolments() {
  const t = useMessages(messages);
  return (
    <div className="page">
      <div className="page-head"><h1>{t.enrolments}</h1></div>
      <p className="muted">{t.enrolmentsHint}</p>
      <MerchantList label={t.enrolments} status="PENDING_REVIEW" empty={t.noEnrolments} />
    </div>
  );
}
