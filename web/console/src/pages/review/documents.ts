import { graphql } from '../../api/graphql';

graphql(`
  fragment Refused on Refusal {
    code message path retryable
    ... on AlreadyDecided { by { kind name } at decision automatic }
    ... on StaleVersion { current }
  }
`);

export const REVIEW = graphql(`
  mutation Review($input: ReviewServiceOrderInput!) {
    reviewServiceOrder(input: $input) {
      serviceOrder {
        ...OrderRow
        actions { action allowed allowedUntil blockers { code message } }
      }
      queueSummary { ...Counters }
      refusals { ...Refused }
    }
  }
`);

/** What the form offers. Shared by all orders, and asked for once. */
export const CHOICES = graphql(`
  query ReviewChoices {
    reasons(use: REVIEW) { code name parentCode decisions }
    noteTemplates { id name textZh textEn decisions position }
    evidenceRules { maxPictures maxBytes maxPixels mediaTypes }
  }
`);

export const ADDRESSES = graphql(`
  query ReviewAddresses { returnAddresses { id isDefault contact region detail } }
`);

export const RENDER = graphql(`
  query RenderNote($id: ID!, $serviceOrderId: ID!, $decision: ServiceOrderAction!, $noteLanguage: NoteLanguage!, $returnAddressId: ID) {
    renderNoteTemplate(id: $id, serviceOrderId: $serviceOrderId, decision: $decision, noteLanguage: $noteLanguage, returnAddressId: $returnAddressId) {
      text
      refusals { code message }
    }
  }
`);

export const UPLOAD = graphql(`
  mutation UploadEvidence($input: UploadEvidenceInput!) {
    uploadEvidence(input: $input) { evidence { id url thumbnail: url(width: 320) } refusals { code message } }
  }
`);
