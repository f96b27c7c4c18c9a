// What prevented a request: refusals of the rules, or a failure of the request itself.
import type { CombinedError } from '@urql/core';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path?: readonly string[];
  readonly retryable?: boolean;
}

export type FailureKind = 'lost' | 'overloaded' | 'forbidden' | 'unauthenticated' | 'invalid' | 'internal';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** Of `internal`: the name of the request in the server's log. */
  readonly requestId?: string | undefined;
}

export interface Problem {
  readonly refusals: readonly Refusal[];
  readonly failure: Failure | null;
}

const KINDS: Readonly<Record<string, FailureKind>> = {
  FORBIDDEN: 'forbidden',
  UNAUTHENTICATED: 'unauthenticated',
  BAD_USER_INPUT: 'invalid',
  OVERLOADED: 'overloaded',
  UNAVAILABLE: 'overloaded',
};

/** Whether the failure says nothing about what was asked: what is shown already may stay. */
export function isPassing({ kind }: Failure): boolean {
  return kind === 'lost' || kind === 'overloaded' || kind === 'unauthenticated';
}

/** What prevented a request. An argument that is not valid is told at its field, as a refusal is. */
export function problemOf(error: CombinedError): Problem {
  const refusals = error.graphQLErrors.flatMap(({ message, extensions: { code, argument } }) =>
    code === 'BAD_USER_INPUT' && Array.isArray(argument) ? [{ code, message, path: argument as string[] }] : [],
  );
  return refusals.length ? { refusals, failure: null } : { refusals: [], failure: failureOf(error) };
}

export function failureOf(error: CombinedError): Failure {
  const first = error.graphQLErrors[0];
  if (!first) return { kind: 'lost', message: error.networkError?.message ?? error.message };
  const { code, requestId } = first.extensions as { code?: string; requestId?: string };
  return { kind: KINDS[code ?? ''] ?? 'internal', message: first.message, requestId };
}
