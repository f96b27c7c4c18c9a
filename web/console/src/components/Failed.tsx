// What could not be loaded, and a way to ask again.
import { useEffect, useRef } from 'react';

import { Button } from 'antd';
import type { CombinedError } from '@urql/core';

import { onBack } from '../api/connection';
import { failureOf } from '../api/problem';
import { useMessages } from '../i18n/messages';
import { messages } from './messages';
import { useFailureText } from './Problem';

/** Asks again by itself when the server is back. */
export function Failed({ error, onRetry }: { error: CombinedError; onRetry?: (() => void) | undefined }) {
  const t = useMessages(messages);
  const failureText = useFailureText();
  useRetryWhenBack(true, onRetry);
  const failure = failureOf(error);
  return (
    <div role="alert" className="empty">
      <p>{failure.kind === 'lost' ? t.notLoaded : failureText(failure)}</p>
      {onRetry && failure.kind !== 'forbidden' && <Button size="small" onClick={onRetry}>{t.retry}</Button>}
    </div>
  );
}

export function useRetryWhenBack(hasFailed: boolean, onRetry: (() => void) | undefined): void {
  const retry = useRef(onRetry);
  useEffect(() => {
    retry.current = onRetry;
  });
  useEffect(() => (hasFailed ? onBack(() => retry.current?.()) : undefined), [hasFailed]);
}
