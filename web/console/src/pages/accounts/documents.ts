import { graphql } from '../../api/graphql';
import type { MerchantNamesQuery, PlatformAccountHistoryQuery, PlatformAccountsQuery, PlatformConnectorsQuery } from '../../api/graphql/graphql';

graphql(`
  fragment AccountFacts on PlatformAccount { id name login permissions createdAt disabledAt }
`);

export const ACCOUNTS = graphql(`
  query PlatformAccounts($after: String) {
    platformAccounts(first: 50, after: $after) {
      nodes { ...AccountFacts }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Account = NonNullable<PlatformAccountsQuery['platformAccounts']>['nodes'][number];

export const HISTORY = graphql(`
  query PlatformAccountHistory($after: String) {
    platformAccountHistory(first: 30, after: $after) {
      nodes {
        sequence kind at subject changed granted withdrawn
        actor { name }
        before { name }
        after { name }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Event = NonNullable<PlatformAccountHistoryQuery['platformAccountHistory']>['nodes'][number];

export const GRANTABLE = graphql(`
  query Grantable { permissions { permission name description holders scopeGiver } }
`);

export const CREATE_ACCOUNT = graphql(`
  mutation CreatePlatformAccount($input: CreatePlatformAccountInput!) {
    createPlatformAccount(input: $input) { account { ...AccountFacts } refusals { code message path } }
  }
`);
export const UPDATE_ACCOUNT = graphql(`
  mutation UpdatePlatformAccount($input: UpdatePlatformAccountInput!) {
    updatePlatformAccount(input: $input) { account { ...AccountFacts } refusals { code message path } }
  }
`);
export const DISABLE_ACCOUNT = graphql(`
  mutation DisablePlatformAccount($input: DisablePlatformAccountInput!) {
    disablePlatformAccount(input: $input) { account { ...AccountFacts } refusals { code message path } }
  }
`);
export const ISSUE_RESET = graphql(`
  mutation IssuePlatformReset($input: IssuePlatformPasswordResetInput!) {
    issuePlatformPasswordReset(input: $input) { code expiresAt refusals { code message path } }
  }
`);

graphql(`
  fragment PlatformConnectorFacts on Connector { id name scopes merchantIds createdAt createdBy { name } expiresAt lastUsedAt disabledAt }
`);

export const CONNECTORS = graphql(`
  query PlatformConnectors { platformConnectors { ...PlatformConnectorFacts } }
`);
export type Connector = NonNullable<PlatformConnectorsQuery['platformConnectors']>[number];

export const CREATE_CONNECTOR = graphql(`
  mutation CreatePlatformConnector($input: CreatePlatformConnectorInput!) {
    createPlatformConnector(input: $input) { connector { ...PlatformConnectorFacts } token refusals { code message path } }
  }
`);
export const SET_MERCHANTS = graphql(`
  mutation SetPlatformConnectorMerchants($input: SetPlatformConnectorMerchantsInput!) {
    setPlatformConnectorMerchants(input: $input) { connector { ...PlatformConnectorFacts } refusals { code message path } }
  }
`);
export const DISABLE_CONNECTOR = graphql(`
  mutation DisablePlatformConnector($input: DisablePlatformConnectorInput!) {
    disablePlatformConnector(input: $input) { done refusals { code message path } }
  }
`);

export const MERCHANTS = graphql(`
  query MerchantNames($after: String) {
    enrolments(first: 100, after: $after) {
      nodes { id merchant { id name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
export type Named = NonNullable<MerchantNamesQuery['enrolments']>['nodes'][number];
