import { useSubmit } from '../../api/useSubmit';
import { useFailureText } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { CLAIM } from './documents';
import { messages } from './messages';

const COUNT = 10;

/** Takes the next orders of a queue that are assigned to nobody. */
export function Claim({ queue }: { queue: 'REVIEW' | 'RECEIPT' | 'PROCESSING' }) {
  const t = useMessages(messages);
  const failureText = useFailureText();
  const { submit, isRunning, problem } = useSubmit(CLAIM, { keyed: true });
  const claim = async () => {
    const payload = await submit({ input: { queue, count: COUNT } });
    if (payload) notify(t.claimed(payload.serviceOrders.length));
  };
  const why = problem?.failure ? failureText(problem.failure) : problem?.refusals[0]?.message;
  return (
    <>
      {why && <span role="alert" className="danger">{why}</span>}
      <button type="button" className="chip" title={t.claimHint} disabled={isRunning} onClick={() => void claim()}>{t.claim}</button>
    </>
  );
}
