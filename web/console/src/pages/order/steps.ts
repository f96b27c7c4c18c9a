// The steps that can be taken on the page of an order: the form of each, loaded when it is opened.
//
// An action without a line here is shown with its reasons why not, but has no button.
import { lazy, type ComponentType } from 'react';

import type { ServiceOrderAction } from '../../api/graphql/graphql';
import type { Order } from './documents';

export interface StepProps {
  readonly order: Order;
  readonly action: ServiceOrderAction;
  /** Closes the form; the order has been changed by the payload of the mutation. */
  readonly onDone: () => void;
}

const Step = lazy(() => import('../processing/Step'));
const Rule = lazy(() => import('../escalations/Rule'));

export const steps: Partial<Record<ServiceOrderAction, ComponentType<StepProps>>> = {
  REOPEN: lazy(() => import('./TakeBack')),
  WITHDRAW_APPROVAL: lazy(() => import('./TakeBack')),
  ASSIGN: lazy(() => import('./Assign')),
  CLAIM: lazy(() => import('./Assign')),
  RELEASE: lazy(() => import('./Assign')),
  RECEIVE: lazy(() => import('../receiving/ReceiptForm')),
  RECEIVE_CANCELLED: lazy(() => import('../receiving/CancelledForm')),
  REFUND: lazy(() => import('../processing/Refund')),
  SETTLE_REFUND: lazy(() => import('../processing/ReportRefund')),
  FAIL_REFUND: lazy(() => import('../processing/ReportRefund')),
  EXCHANGE: lazy(() => import('../processing/Exchange')),
  CHANGE_RETURN_ADDRESS: lazy(() => import('../processing/ReturnAddress')),
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
