// Read by relay-compiler, which writes __generated__; never run. A bundler would leave it out.
import { graphql } from 'relay-runtime'

graphql`
  mutation operationsSignInMutation($input: SignInInput!) {
    signIn(input: $input) { accessToken viewer { name } refusals { code message } }
  }`
graphql`
  query operationsQueueQuery {
    serviceOrders(filter: { status: [PENDING_REVIEW] }, orderBy: DUE_AT_DESC, first: 1) {
      nodes { id number status version }
    }
  }`
graphql`query operationsOrderQuery($id: ID!) { node(id: $id) { id ... on ServiceOrder { status } } }`
graphql`subscription operationsLiveSubscription { queueChanged { review { waiting } } }`
graphql`
  mutation operationsUploadMutation($input: UploadEvidenceInput!) {
    uploadEvidence(input: $input) { evidence { id url } refusals { code } }
  }`
graphql`
  mutation operationsReviewMutation($input: ReviewServiceOrderInput!) {
    reviewServiceOrder(input: $input) {
      serviceOrder { id status version }
      refusals { code message ... on AlreadyDecided { by { name } at } }
    }
  }`
graphql`
  mutation operationsNoteMutation($input: AddNoteInput!) {
    addNote(input: $input) { replayed serviceOrder { id version } refusals { code } }
  }`
