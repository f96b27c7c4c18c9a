import { useState, type ReactNode } from 'react';

import { Spin } from 'antd';
import type { CombinedError, Operation } from '@urql/core';

import { failureOf, isPassing } from '../api/problem';
import { useMessages } from '../i18n/messages';
import { Failed, useRetryWhenBack } from './Failed';
import { messages } from './messages';

interface Result<T> {
  readonly data?: T | undefined;
  readonly error?: CombinedError | undefined;
  readonly fetching: boolean;
  readonly operation?: Operation | undefined;
}

interface Props<T> {
  readonly of: Result<T>;
  readonly onRetry?: () => void;
  readonly children: (data: T) => ReactNode;
}

/** The data of a query; until it is there, why not. What was shown before stays while it is asked for again. */
export function Loaded<T>({ of, onRetry, children }: Props<T>) {
  const t = useMessages(messages);
  // Nothing that is typed below may go with the connection. The banner says that it is lost.
  const [last, setLast] = useState<{ readonly key: number | undefined; readonly data: T } | null>(null);
  const key = of.operation?.key;
  if (of.data && !of.error && (last?.data !== of.data || last.key !== key)) setLast({ key, data: of.data });
  const kept = of.error && isPassing(failureOf(of.error)) && last?.key === key ? last : null;
  useRetryWhenBack(kept !== null, onRetry);
  if (of.data && !of.error) return <>{children(of.data)}</>;
  if (kept) return <>{children(kept.data)}</>;
  if (of.error) return <Failed error={of.error} onRetry={onRetry} />;
  return (
    <div className="empty" role="status" aria-label={t.loading}>
      <Spin />
    </div>
  );
}
