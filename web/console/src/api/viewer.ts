// Who is signed in, and what they may do.
import { createContext, useContext } from 'react';

import { graphql } from './graphql';
import type { Permission, ViewerQuery } from './graphql/graphql';

export const VIEWER = graphql(`
  query Viewer {
    serverTime
    viewer {
      id kind name refundCeiling
      merchant { id name enrolment timeZone failedWebhookEndpoints }
      permissions { permission }
    }
  }
`);

export type { Permission };

export class Viewer {
  readonly permissions: ReadonlySet<Permission>;

  constructor(private readonly data: NonNullable<ViewerQuery['viewer']>) {
    this.permissions = new Set(data.permissions.map(({ permission }) => permission));
  }

  get id() {
    return this.data.id;
  }

  get name() {
    return this.data.name;
  }

  get merchant() {
    return this.data.merchant;
  }

  get isPlatform() {
    return this.data.kind === 'PLATFORM';
  }

  get kind() {
    return this.data.kind;
  }

  /** In yuan; null without a ceiling. */
  get refundCeiling() {
    return this.data.refundCeiling;
  }

  may(...anyOf: readonly Permission[]): boolean {
    return anyOf.some(permission => this.permissions.has(permission));
  }
}

export const ViewerContext = createContext<Viewer | null>(null);

/** The viewer; only below the shell, where somebody is signed in. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('useViewer() outside of the shell');
  return viewer;
}
