import type { WebhookFailure } from '../../api/graphql/graphql';
import { useMessages } from '../../i18n/messages';
import { failures, messages } from './messages';

interface Props {
  readonly of: { readonly answerStatus: number | null; readonly failure: WebhookFailure | null; readonly durationMs: number | null; readonly answer: string | null };
}

/** What an endpoint answered, or why it did not. */
export function Answer({ of: { answerStatus, failure, durationMs, answer } }: Props) {
  const t = useMessages(messages);
  const names = useMessages(failures);
  if (answerStatus === null && !failure) return <span className="muted">–</span>;
  return (
    <>
      <span className={failure ? 'danger' : undefined}>{[failure && names[failure], answerStatus && `HTTP ${answerStatus}`].filter(Boolean).join(' · ')}</span>
      {durationMs !== null && <span className="muted nowrap"> {t.milliseconds(durationMs)}</span>}
      {answer && (
        <details className="answer">
          <summary>{t.answerBody}</summary>
          <pre>{answer}</pre>
        </details>
      )}
    </>
  );
}
