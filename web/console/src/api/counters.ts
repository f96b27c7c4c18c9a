// The counters of the queues, as the navigation and the tabs of the desk show them.
import { graphql } from './graphql';

graphql(`
  fragment Counters on QueueSummary {
    review { waiting overdue dueSoon pastTarget }
    receipt { waiting overdue dueSoon pastTarget }
    processing { waiting overdue dueSoon pastTarget }
    autoApprovalBlocked
  }
`);

export const QUEUE_SUMMARY = graphql(`query QueueSummary { queueSummary { ...Counters } }`);
export const QUEUE_CHANGED = graphql(`subscription QueueChanged { queueChanged { ...Counters } }`);
