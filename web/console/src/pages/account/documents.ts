// The operations of one's own account, and of single sign-on.
import { graphql } from '../../api/graphql';
import type { OwnSessionsQuery, SingleSignOnPageQuery } from '../../api/graphql/graphql';

export const SESSIONS = graphql(`
  query OwnSessions($after: String) {
    sessions(first: 20, after: $after) {
      nodes { id label userAgent createdAt lastUsedAt isCurrent }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Session = NonNullable<OwnSessionsQuery['sessions']>['nodes'][number];

export const END_SESSION = graphql(`
  mutation EndOneSession($input: EndSessionInput!) { endSession(input: $input) { done refusals { code message path } } }
`);
export const END_SESSIONS = graphql(`
  mutation EndOtherSessions($input: EndSessionsInput!) { endSessions(input: $input) { ended refusals { code message path } } }
`);
export const CHANGE_PASSWORD = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) { changePassword(input: $input) { done refusals { code message path } } }
`);

export const LINK = graphql(`
  mutation LinkSingleSignOn($input: LinkSingleSignOnInput!) { linkSingleSignOn(input: $input) { done refusals { code message path } } }
`);
export const UNLINK = graphql(`mutation UnlinkSingleSignOn { unlinkSingleSignOn { done refusals { code message path } } }`);

graphql(`
  fragment Provider on SingleSignOn { issuer clientId hasClientSecret redirectUris linkByEmail version updatedAt }
`);
export const PROVIDER = graphql(`query SingleSignOnPage { singleSignOn { ...Provider } }`);
export const SET_PROVIDER = graphql(`
  mutation SetSingleSignOn($input: SetSingleSignOnInput!) { setSingleSignOn(input: $input) { singleSignOn { ...Provider } refusals { code message path } } }
`);
export const REMOVE_PROVIDER = graphql(`
  mutation RemoveSingleSignOn($input: RemoveSingleSignOnInput!) { removeSingleSignOn(input: $input) { done refusals { code message path } } }
`);
export type Provider = NonNullable<SingleSignOnPageQuery['singleSignOn']>;
