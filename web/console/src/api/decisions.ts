import type { ServiceOrderAction } from './graphql/graphql';

/** What a review can decide, in the order of its keys 1 to 5. */
export type Decision = Extract<ServiceOrderAction, 'APPROVE' | 'REJECT' | 'RESEND' | 'REQUEST_FEEDBACK' | 'RECORD_GIVE_UP'>;

export const DECISIONS: readonly Decision[] = ['APPROVE', 'REJECT', 'RESEND', 'REQUEST_FEEDBACK', 'RECORD_GIVE_UP'];
