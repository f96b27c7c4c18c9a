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

type Step = ComponentType<StepProps>;

export const steps: Partial<Record<ServiceOrderAction, Step>> = {
  REOPEN: lazy(() => import('./TakeBack')),
  WITHDRAW_APPROVAL: lazy(() => import('./TakeBack')),
  ASSIGN: lazy(() => import('./Assign')),
  CLAIM: lazy(() => import('./Assign')),
  RELEASE: lazy(() => import('./Assign')),
};
