// A mutation of a form: refusals and failures beside the form, and the same key when it is sent again.
import { useCallback, useMemo, useRef, useState } from 'react';

import { stringifyVariables, type AnyVariables, type TypedDocumentNode } from '@urql/core';
import { useClient } from 'urql';

import { problemOf, type Problem, type Refusal } from './problem';

type Field<T> = NonNullable<T[Exclude<keyof T, '__typename'>]>;

export interface Submit<Data, Variables> {
  /** Resolves to the payload if nothing was refused, to null otherwise: then `problem` says why. */
  submit(variables: Variables): Promise<Field<Data> | null>;
  readonly isRunning: boolean;
  readonly problem: Problem | null;
  /** The payload of the last answer, also of one with refusals: it shows the order as it is now. */
  readonly payload: Field<Data> | null;
  clear(): void;
}

interface Options {
  /** Send `input.idempotencyKey`: every mutation that changes an order takes one. */
  readonly keyed?: boolean;
}

export function useSubmit<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { keyed = false }: Options = {},
): Submit<Data, Variables> {
  const client = useClient();
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [payload, setPayload] = useState<Field<Data> | null>(null);
  // One key for one intention: what is sent again after a lost answer is carried out once.
  const sent = useRef<{ intention: string; key: string } | null>(null);

  const submit = useCallback(
    async (variables: Variables) => {
      setRunning(true);
      const result = await client.mutation(document, keyed ? withKey(variables, sent) : variables).toPromise();
      setRunning(false);
      const field = result.data ? (Object.values(result.data).find(isPayload) as Field<Data> | undefined) : undefined;
      if (result.error && !field) {
        setProblem(problemOf(result.error));
        return null;
      }
      sent.current = null;
      setPayload(field ?? null);
      const refusals = (field as { refusals?: readonly Refusal[] } | undefined)?.refusals ?? [];
      setProblem(refusals.length ? { refusals, failure: null } : null);
      return refusals.length ? null : (field ?? null);
    },
    [client, document, keyed],
  );
  const clear = useCallback(() => {
    setProblem(null);
    setPayload(null);
  }, []);
  return useMemo(
    () => ({ submit, isRunning, problem, payload, clear }),
    [submit, isRunning, problem, payload, clear],
  );
}

function isPayload(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function withKey<V extends AnyVariables>(
  variables: V,
  sent: { current: { intention: string; key: string } | null },
): V {
  const intention = stringifyVariables(variables ?? {});
  if (sent.current?.intention !== intention) {
    sent.current = { intention, key: newKey() };
  }
  const input = (variables as { input: object }).input;
  return { ...variables, input: { ...input, idempotencyKey: sent.current.key } };
}

/** A UUID, also where the page is not served over TLS and `randomUUID` is missing. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
