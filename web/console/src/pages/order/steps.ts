// The steps that can be taken on the page of an order: the form of each, loaded when it is opened.
//
// An action without a line here is shown with its reasons why not, but has no button.
import type { ServiceOrderAction } from '../../api/graphql/graphql';
import { loadable, type Loadable } from '../../components/loadable';
import type { Order } from './documents';

export interface StepProps {
  readonly order: Order;
  readonly action: ServiceOrderAction;
  /** Closes the form; the order has been changed by the payload of the mutation. */
  readonly onDone: () => void;
}

const Step = loadable(() => import('../processing/Step'));
const Rule = loadable(() => import('../escalations/Rule'));

export const steps: Partial<Record<ServiceOrderAction, Loadable<StepProps>>> = {
  REOPEN: loadable(() => import('./TakeBack')),
  WITHDRAW_APPROVAL: loadable(() => import('./TakeBack')),
  ASSIGN: loadable(() => import('./Assign')),
  CLAIM: loadable(() => import('./Assign')),
  RELEASE: loadable(() => import('./Assign')),
  RECEIVE: loadable(() => import('../receiving/ReceiptForm')),
  RECEIVE_CANCELLED: loadable(() => import('../receiving/CancelledForm')),
  REFUND: loadable(() => import('../processing/Refund')),
  SETTLE_REFUND: loadable(() => import('../processing/ReportRefund')),
  FAIL_REFUND: loadable(() => import('../processing/ReportRefund')),
  EXCHANGE: loadable(() => import('../processing/Exchange')),
  CHANGE_RETURN_ADDRESS: loadable(() => import('../processing/ReturnAddress')),
  REPAIR: Step,
  SEND_BACK: Step,
  CLOSE: Step,
  UNDO: Step,
  SOLVE: Step,
  REPLY: Step,
  ESCALATE: Step,
  UPDATE_SHIPMENT: Step,
  SHIP: Step,
  CORRECT_WAYBILL: Step,
  RETURN_CANCELLED: Step,
  RESPOND: Step,
  RULE_RETURN: Rule,
  RULE_PROCESS: Rule,
  RULE_CANCEL: Rule,
  RULE_CLOSE: Rule,
  RULE_UPHOLD: Rule,
};
