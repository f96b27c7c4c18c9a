// The operations of a merchant's settings.
import { graphql } from '../../api/graphql';
import type { NoteTemplatesPageQuery, ReasonsPageQuery, ReturnAddressesPageQuery, MerchantSettingsFragment } from '../../api/graphql/graphql';

graphql(`
  fragment ReturnAddressFacts on ReturnAddress {
    id isDefault contact phone zip provinceCode cityCode districtCode region detail updatedAt
  }
`);
graphql(`
  fragment MerchantSettings on Merchant {
    id timeZone
    returnAddressRules { version rules { kind value returnAddressId } }
    serviceTargets {
      review receipt processing
      businessHours {
        monday { opens closes } tuesday { opens closes } wednesday { opens closes } thursday { opens closes }
        friday { opens closes } saturday { opens closes } sunday { opens closes } closedDates
      }
    }
  }
`);
graphql(`
  fragment ReasonFacts on Reason {
    code name nameZh nameEn use parentCode own decisions position retiredAt
  }
`);
graphql(`
  fragment NoteTemplateFacts on NoteTemplate { id name textZh textEn decisions position updatedAt }
`);

export const ENROLMENT = graphql(`query OwnEnrolment { enrolment { ...EnrolmentFacts } }`);
export const APPLY = graphql(`
  mutation ApplyForEnrolment($input: ApplyForEnrolmentInput!) {
    applyForEnrolment(input: $input) { enrolment { ...EnrolmentFacts } refusals { code message path } }
  }
`);

export const DIVISIONS = graphql(`query Divisions($parentCode: String) { divisions(parentCode: $parentCode) { code name level } }`);
export const ADDRESSES = graphql(`query ReturnAddressesPage { returnAddresses { ...ReturnAddressFacts } }`);
export const SAVE_ADDRESS = graphql(`
  mutation SaveReturnAddress($input: SaveReturnAddressInput!) {
    saveReturnAddress(input: $input) { returnAddress { ...ReturnAddressFacts } refusals { code message path } }
  }
`);
export const DELETE_ADDRESS = graphql(`
  mutation DeleteReturnAddress($input: DeleteReturnAddressInput!) {
    deleteReturnAddress(input: $input) { deletedId refusals { code message path } }
  }
`);
export type Address = NonNullable<ReturnAddressesPageQuery['returnAddresses']>[number];

export const SETTINGS = graphql(`query MerchantSettingsPage { viewer { id merchant { ...MerchantSettings } } }`);
export const SET_RULES = graphql(`
  mutation SetReturnAddressRules($input: SetReturnAddressRulesInput!) {
    setReturnAddressRules(input: $input) { merchant { ...MerchantSettings } refusals { code message path } }
  }
`);
export const SET_TARGETS = graphql(`
  mutation SetServiceTargets($input: SetServiceTargetsInput!) {
    setServiceTargets(input: $input) { merchant { ...MerchantSettings } refusals { code message path } }
  }
`);
export const SET_TIME_ZONE = graphql(`
  mutation SetTimeZone($input: SetTimeZoneInput!) {
    setTimeZone(input: $input) { merchant { ...MerchantSettings } refusals { code message path } }
  }
`);
export type Settings = MerchantSettingsFragment;

/** The orders to try something with: those that wait longest for a review. */
export const WAITING_ORDERS = graphql(`
  query OrdersToTry($filter: ServiceOrderFilter!) {
    serviceOrders(filter: $filter, orderBy: APPLIED_AT_ASC, first: 20) {
      nodes { id number item { name sku category warehouse } }
    }
  }
`);
export const TRY_RULES = graphql(`
  query TryReturnAddressRules($input: ReviewPlanInput!) {
    reviewPlan(input: $input) {
      results { index returnAddressRule returnAddress { contact phone region detail } refusals { code message } }
      refusals { code message }
    }
  }
`);

export const REASONS = graphql(`
  query ReasonsPage($use: ReasonUse!) { reasons(use: $use, includeRetired: true) { ...ReasonFacts } }
`);
export const CREATE_REASON = graphql(`
  mutation CreateReason($input: CreateReasonInput!) { createReason(input: $input) { reason { ...ReasonFacts } refusals { code message path } } }
`);
export const UPDATE_REASON = graphql(`
  mutation UpdateReason($input: UpdateReasonInput!) { updateReason(input: $input) { reason { ...ReasonFacts } refusals { code message path } } }
`);
export const RETIRE_REASON = graphql(`
  mutation RetireReason($input: RetireReasonInput!) { retireReason(input: $input) { reason { ...ReasonFacts } refusals { code message path } } }
`);
export const RESTORE_REASON = graphql(`
  mutation RestoreReason($input: RestoreReasonInput!) { restoreReason(input: $input) { reason { ...ReasonFacts } refusals { code message path } } }
`);
export type Reason = ReasonsPageQuery['reasons'][number];

export const TEMPLATES = graphql(`query NoteTemplatesPage { noteTemplates { ...NoteTemplateFacts } }`);
export const CREATE_TEMPLATE = graphql(`
  mutation CreateNoteTemplate($input: CreateNoteTemplateInput!) {
    createNoteTemplate(input: $input) { noteTemplate { ...NoteTemplateFacts } refusals { code message path } }
  }
`);
export const UPDATE_TEMPLATE = graphql(`
  mutation UpdateNoteTemplate($input: UpdateNoteTemplateInput!) {
    updateNoteTemplate(input: $input) { noteTemplate { ...NoteTemplateFacts } refusals { code message path } }
  }
`);
export const DELETE_TEMPLATE = graphql(`
  mutation DeleteNoteTemplate($input: DeleteNoteTemplateInput!) {
    deleteNoteTemplate(input: $input) { deletedId refusals { code message path } }
  }
`);
export type Template = NonNullable<NoteTemplatesPageQuery['noteTemplates']>[number];
