import { graphql } from '../../api/graphql';
import type { EvaluationPlansQuery, EvaluationPreviewQuery, QualityScoresQuery } from '../../api/graphql/graphql';

graphql(`
  fragment PlanFacts on EvaluationPlan {
    version note publishedAt
    publishedBy { name }
    criteria { metric name unit target floor weight minimum }
  }
`);

export const PLAN = graphql(`query CurrentPlan { evaluationPlan { ...PlanFacts } }`);

export const PLANS = graphql(`
  query EvaluationPlans($after: String) {
    evaluationPlans(first: 20, after: $after) {
      nodes { ...PlanFacts }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Plan = NonNullable<EvaluationPlansQuery['evaluationPlans']>['nodes'][number];
export type Criterion = Plan['criteria'][number];

export const FIGURES = graphql(`query PlanFigures { qualityMetrics { metric name definition unit measure } }`);

export const PREVIEW = graphql(`
  query EvaluationPreview($plan: EvaluationPlanInput!, $months: [String!]!, $afterMerchant: ID) {
    evaluationPreview(plan: $plan, months: $months, afterMerchant: $afterMerchant) {
      currentVersion hasMore
      movements { movement merchants }
      merchants { merchant { id name } current draft change movement months { month current draft } }
    }
  }
`);
export type Preview = NonNullable<EvaluationPreviewQuery['evaluationPreview']>;

export const PUBLISH = graphql(`
  mutation PublishEvaluationPlan($input: PublishEvaluationPlanInput!) {
    publishEvaluationPlan(input: $input) { evaluationPlan { version } refusals { code message path retryable } }
  }
`);

export const SCORES = graphql(`
  query QualityScores($month: String!, $after: String) {
    qualityScores(month: $month, first: 50, after: $after) {
      nodes { merchant { id name } month score planVersion madeAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Score = NonNullable<QualityScoresQuery['qualityScores']>['nodes'][number];
