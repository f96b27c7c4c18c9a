import { graphql } from '../../api/graphql';
import type { OrderQuery } from '../../api/graphql/graphql';

graphql(`
  fragment OrderPictures on Evidence { id url thumbnail: url(width: 320) }
`);

export const ORDER = graphql(`
  query Order($id: ID!) {
    serviceOrder(id: $id) {
      ...OrderRow
      orderNumber description logisticsIn refundable satisfaction satisfactionComment finishedAt personalDataErasedAt
      merchant { id name }
      application { id externalRef appliedAt }
      customer { ref phone }
      item { sku purchasedQuantity unitPrice warehouse }
      pictures { ...OrderPictures }
      review {
        customerNote returnAddressRule
        reason { code name }
        returnAddress { contact phone region detail }
        shipment { goods carrier waybill }
        evidence { ...OrderPictures }
      }
      inbound { carrier waybill freight at }
      receipt { receivedQuantity goods remark at evidence { ...OrderPictures } }
      processing { action at customerNote newOrderNumber report by { name } shipment { goods carrier waybill } }
      refunds { id number amount freight method status submittedAt reportedAt failure submittedBy { name } }
      ruling { action forCustomer at text remedy amount by { name } }
      clock { startedAt }
      reviewClock { kind dueAt pausedSince }
      siblings { id number status item { name quantity } }
      actions { action allowed allowedUntil blockers { code message } }
      timeline(last: 50) {
        sequence kind at customerNote internalNote returnAddressRule newOrderNumber report satisfaction
        actor { kind name }
        reason { name }
        pictures { ...OrderPictures }
        shipment { goods carrier waybill }
        inbound { carrier waybill }
        refund { number amount method }
        assignment { assignee { name } previousAssignee { name } }
        explanation { rule startedAt dueAt ranAt grace }
        clockMove { window dueBefore dueAfter }
        ruling { remedy amount }
      }
    }
  }
`);

export type Order = NonNullable<OrderQuery['serviceOrder']>;
export type OrderEvent = Order['timeline'][number];

export const REVEAL = graphql(`
  mutation RevealContact($input: RevealCustomerContactInput!) {
    revealCustomerContact(input: $input) {
      contact { name phone address { contact phone region detail } }
      serviceOrder { id version }
      refusals { code message }
    }
  }
`);

export const NOTE = graphql(`
  mutation Note($input: AddNoteInput!) {
    addNote(input: $input) { serviceOrder { id version } refusals { code message } }
  }
`);
