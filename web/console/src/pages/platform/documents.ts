// The operations of enrolments and merchants.
import { graphql } from '../../api/graphql';

graphql(`
  fragment EnrolmentFacts on Enrolment {
    id status
    merchant { id name timeZone enrolment }
    attempts { number appliedBy { name } appliedAt reviewedBy { name } reviewedAt result reason }
    suspensions { suspendedBy { name } suspendedAt reason resumedBy { name } resumedAt resumeReason }
    returnAddresses { id isDefault contact phone region detail }
  }
`);

export const ENROLMENTS = graphql(`
  query Enrolments($status: EnrolmentStatus, $after: String) {
    enrolments(status: $status, first: 50, after: $after) {
      nodes { ...EnrolmentFacts }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export const APPROVE = graphql(`
  mutation ApproveEnrolment($input: ApproveEnrolmentInput!) {
    approveEnrolment(input: $input) { enrolment { ...EnrolmentFacts } refusals { code message path } }
  }
`);
export const REJECT = graphql(`
  mutation RejectEnrolment($input: RejectEnrolmentInput!) {
    rejectEnrolment(input: $input) { enrolment { ...EnrolmentFacts } refusals { code message path } }
  }
`);
export const SUSPEND = graphql(`
  mutation SuspendMerchant($input: SuspendMerchantInput!) {
    suspendMerchant(input: $input) { enrolment { ...EnrolmentFacts } refusals { code message path } }
  }
`);
export const RESUME = graphql(`
  mutation ResumeMerchant($input: ResumeMerchantInput!) {
    resumeMerchant(input: $input) { enrolment { ...EnrolmentFacts } refusals { code message path } }
  }
`);
export const REGISTER = graphql(`
  mutation RegisterMerchant($input: RegisterMerchantInput!) {
    registerMerchant(input: $input) { merchant { id name } refusals { code message path } }
  }
`);
export const RESET_MAIN_ACCOUNT = graphql(`
  mutation ResetMainAccount($input: IssueMainAccountPasswordResetInput!) {
    issueMainAccountPasswordReset(input: $input) { code expiresAt refusals { code message path } }
  }
`);
