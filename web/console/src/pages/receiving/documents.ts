import { graphql } from '../../api/graphql';
import type { ReceivingListQuery } from '../../api/graphql/graphql';

export const LIST = graphql(`
  query ReceivingList($filter: ServiceOrderFilter, $orderBy: ServiceOrderOrdering!, $after: String) {
    serviceOrders(filter: $filter, orderBy: $orderBy, first: 50, after: $after) {
      nodes { ...OrderRow inbound { carrier waybill } }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export type Row = NonNullable<ReceivingListQuery['serviceOrders']>['nodes'][number];

/** Who scans wants the one order; a parcel can hold several. */
export const FIND = graphql(`
  query FindParcel($waybill: ServiceOrderFilter!, $number: ServiceOrderFilter!) {
    byWaybill: serviceOrders(filter: $waybill, first: 20) { nodes { id } }
    byNumber: serviceOrders(filter: $number, first: 20) { nodes { id } }
  }
`);

export const RULES = graphql(`query ReceiptRules { evidenceRules { maxPictures maxBytes maxPixels mediaTypes } }`);

export const RECEIVE = graphql(`
  mutation Receive($input: ReceiveServiceOrderInput!) {
    receiveServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const RECEIVE_CANCELLED = graphql(`
  mutation ReceiveCancelled($input: ReceiveCancelledInput!) {
    receiveCancelled(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);
