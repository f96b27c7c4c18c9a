import { Alert } from 'antd';

import { useMessages } from '../i18n/messages';
import type { Failure, Problem as ProblemOf } from '../api/problem';
import { messages } from './messages';

/** What prevented a request, beside the form that sent it. Refusals are worded by the server. */
export function Problem({ of, onRetry }: { of: ProblemOf | null; onRetry?: () => void }) {
  const t = useMessages(messages);
  const failureText = useFailureText();
  if (!of) return null;
  const texts = of.failure ? [failureText(of.failure)] : of.refusals.map(({ message }) => message);
  const canRetry = onRetry && (of.failure?.kind === 'lost' || of.failure?.kind === 'overloaded');
  return (
    <Alert
      type={of.failure ? 'error' : 'warning'}
      showIcon
      role="alert"
      title={
        texts.length === 1 ? texts[0] : <ul>{texts.map(text => <li key={text}>{text}</li>)}</ul>
      }
      action={canRetry ? <button type="button" className="link" onClick={onRetry}>{t.retry}</button> : undefined}
    />
  );
}

export function useFailureText(): (failure: Failure) => string {
  const t = useMessages(messages);
  return ({ kind, message, requestId }) => {
    if (kind === 'invalid') return t.invalid + message;
    if (kind === 'internal') return requestId ? t.internal(requestId) : message;
    return t[kind];
  };
}
