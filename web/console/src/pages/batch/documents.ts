import { graphql } from '../../api/graphql';
import type { BatchPlanQuery } from '../../api/graphql/graphql';

graphql(`
  fragment BatchResult on ReviewResult {
    index done replayed returnAddressRule
    returnAddress { region }
    serviceOrder { ...OrderRow }
    refusals { ...Refused }
  }
`);

export const PLAN = graphql(`
  query BatchPlan($input: ReviewPlanInput!) {
    reviewPlan(input: $input) { planToken results { ...BatchResult } refusals { ...Refused } }
  }
`);

export const CARRY_OUT = graphql(`
  mutation CarryOutBatch($input: ReviewServiceOrdersInput!) {
    reviewServiceOrders(input: $input) {
      results { ...BatchResult }
      queueSummary { ...Counters }
      refusals { ...Refused }
    }
  }
`);

export type Result = NonNullable<BatchPlanQuery['reviewPlan']>['results'][number];
