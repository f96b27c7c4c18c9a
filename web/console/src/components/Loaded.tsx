import type { ReactNode } from 'react';

import { Button, Spin } from 'antd';
import type { CombinedError } from '@urql/core';

import { failureOf } from '../api/problem';
import { useMessages } from '../i18n/messages';
import { messages } from './messages';
import { useFailureText } from './Problem';

interface Result<T> {
  readonly data?: T | undefined;
  readonly error?: CombinedError | undefined;
  readonly fetching: boolean;
}

/** The data of a query; until it is there, why not. What was shown before stays while it is renewed. */
export function Loaded<T>({ of, onRetry, children }: { of: Result<T>; onRetry?: () => void; children: (data: T) => ReactNode }) {
  const t = useMessages(messages);
  const failureText = useFailureText();
  if (of.data && !of.error) return <>{children(of.data)}</>;
  if (of.error) {
    return (
      <div role="alert" className="empty">
        <p>{failureText(failureOf(of.error))}</p>
        {onRetry && <Button size="small" onClick={onRetry}>{t.retry}</Button>}
      </div>
    );
  }
  return (
    <div className="empty" role="status" aria-label={t.loading}>
      <Spin />
    </div>
  );
}
