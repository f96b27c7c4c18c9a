import { graphql } from '../../api/graphql';
import type { EscalationsQuery } from '../../api/graphql/graphql';

export const ESCALATIONS = graphql(`
  query Escalations($after: String) {
    serviceOrders(filter: { escalated: true }, orderBy: ESCALATED_AT_ASC, first: 50, after: $after) {
      nodes {
        id number version status expectation escalatedAt
        merchant { id name }
        item { name paidAmount }
        reason { name }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Escalation = NonNullable<EscalationsQuery['serviceOrders']>['nodes'][number];

/** Two, as the first may be the one that is open. */
export const NEXT = graphql(`
  query NextEscalation {
    serviceOrders(filter: { escalated: true }, orderBy: ESCALATED_AT_ASC, first: 2) { nodes { id } totalCount }
  }
`);

export const RULE = graphql(`
  mutation Rule($input: RuleOnServiceOrderInput!) {
    ruleOnServiceOrder(input: $input) {
      serviceOrder { ...OrderRow refundable ruling { action forCustomer at text remedy amount by { name } } }
      refusals { code message path retryable }
    }
  }
`);
