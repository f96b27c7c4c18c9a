// The steps after the goods have come, and those on their way. Each payload brings the order's row.
import { graphql } from '../../api/graphql';

export const REFUND = graphql(`
  mutation Refund($input: RefundServiceOrderInput!) {
    refundServiceOrder(input: $input) {
      serviceOrder { ...OrderRow refundable }
      queueSummary { ...Counters }
      refusals { code message path ... on RefundAboveCeiling { permitted } }
    }
  }
`);

export const REPORT_REFUND = graphql(`
  mutation ReportRefund($input: ReportRefundInput!) {
    reportRefund(input: $input) {
      serviceOrder { ...OrderRow refundable }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const EXCHANGE = graphql(`
  mutation Exchange($input: ExchangeServiceOrderInput!) {
    exchangeServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const REPAIR = graphql(`
  mutation Repair($input: RepairServiceOrderInput!) {
    repairServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const SEND_BACK = graphql(`
  mutation SendBack($input: SendBackServiceOrderInput!) {
    sendBackServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const CLOSE = graphql(`
  mutation Close($input: CloseServiceOrderInput!) {
    closeServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const UNDO = graphql(`
  mutation Undo($input: UndoProcessingInput!) {
    undoProcessing(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const SOLVE = graphql(`
  mutation Solve($input: SolveServiceOrderInput!) {
    solveServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const REPLY = graphql(`
  mutation Reply($input: ReplyToServiceOrderInput!) {
    replyToServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const ESCALATE = graphql(`
  mutation Escalate($input: EscalateServiceOrderInput!) {
    escalateServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const UPDATE_SHIPMENT = graphql(`
  mutation UpdateShipment($input: UpdateShipmentInput!) {
    updateShipment(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const SHIP = graphql(`
  mutation Ship($input: ShipServiceOrderInput!) {
    shipServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const CORRECT_WAYBILL = graphql(`
  mutation CorrectWaybill($input: CorrectWaybillInput!) {
    correctWaybill(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const RETURN_CANCELLED = graphql(`
  mutation ReturnCancelled($input: ReturnCancelledInput!) {
    returnCancelled(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const RESPOND = graphql(`
  mutation Respond($input: RespondToFeedbackInput!) {
    respondToFeedback(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);

export const CHANGE_RETURN_ADDRESS = graphql(`
  mutation ChangeReturnAddress($input: ChangeReturnAddressInput!) {
    changeReturnAddress(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message path }
    }
  }
`);
