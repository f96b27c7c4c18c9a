import { graphql } from '../../api/graphql';
import type { OrderRowFragment } from '../../api/graphql/graphql';

export const QUEUE = graphql(`
  query QueuePage($filter: ServiceOrderFilter, $orderBy: ServiceOrderOrdering!, $after: String) {
    serviceOrders(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
      nodes { ...OrderRow }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export type Row = OrderRowFragment;

export const REASONS = graphql(`
  query ApplicationReasons { reasons(use: APPLICATION) { code name parentCode } }
`);

export const CLAIM = graphql(`
  mutation Claim($input: ClaimServiceOrdersInput!) {
    claimServiceOrders(input: $input) {
      serviceOrders { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message }
    }
  }
`);
