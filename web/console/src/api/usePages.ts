// The pages of a connection, one after the other: all that were asked for are shown together.
import { useEffect, useMemo, useState } from 'react';

import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useClient } from 'urql';
import { pipe, subscribe } from 'wonka';
import { stringifyVariables } from '@urql/core';

import { failureOf, isPassing } from './problem';

interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount?: number;
}

export interface Pages<Node> {
  readonly nodes: readonly Node[];
  readonly totalCount: number | undefined;
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly error: CombinedError | undefined;
  more(): void;
  refresh(): void;
  /** Asks again for the pages that failed; the others stay. */
  retry(): void;
}

interface Page<Node> {
  readonly connection: Connection<Node> | null;
  readonly error: CombinedError | undefined;
}

/**
 * @param document a query with the variable `$after`
 * @param select where the connection is in its answer
 */
export function usePages<Data, Variables extends AnyVariables, Node>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables & object, 'after'>,
  select: (data: Data) => Connection<Node> | null | undefined,
  { pause = false }: { pause?: boolean } = {},
): Pages<Node> {
  const client = useClient();
  const key = stringifyVariables(variables);
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const [pages, setPages] = useState<readonly (Page<Node> | undefined)[]>([]);
  const [turn, setTurn] = useState(0);
  const [shownFor, setShownFor] = useState(key);
  if (shownFor !== key) {
    setShownFor(key);
    setCursors([null]);
    setPages([]);
  }

  useEffect(() => {
    if (pause) return undefined;
    const subscriptions = cursors.map((after, index) =>
      pipe(
        client.query(document, { ...variables, after } as unknown as Variables, { requestPolicy: 'cache-and-network' }),
        subscribe(({ data, error }) => {
          setPages(known => {
            const next = [...known];
            // What was shown stays if the server cannot be asked again, but not if it said no.
            const before = error && isPassing(failureOf(error)) ? known[index]?.connection : null;
            const connection = (data ? select(data) : before) ?? null;
            next[index] = { connection, error };
            return next;
          });
        }),
      ),
    );
    return () => subscriptions.forEach(({ unsubscribe }) => unsubscribe());
    // `variables` by their content, which is the key.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, document, key, cursors, turn, pause]);

  return useMemo(() => {
    const loaded = pages.flatMap(page => page?.connection ?? []);
    const last = pages[cursors.length - 1];
    const { hasNextPage = false, endCursor = null } = last?.connection?.pageInfo ?? {};
    return {
      nodes: loaded.flatMap(({ nodes }) => nodes),
      totalCount: loaded[0]?.totalCount,
      hasMore: hasNextPage,
      isLoading: !pause && !last,
      error: pages.find(page => page?.error)?.error,
      more: () => hasNextPage && setCursors([...cursors, endCursor]),
      refresh: () => {
        setCursors([null]);
        setPages(known => known.slice(0, 1));
        setTurn(turn + 1);
      },
      retry: () => {
        setPages(known => known.map(page => (page?.error && !page.connection ? undefined : page)));
        setTurn(turn + 1);
      },
    };
  }, [pages, cursors, turn, pause]);
}
