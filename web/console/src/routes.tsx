// The pages of the console. A page is a folder in pages/ and a line here.
import { lazy, type ComponentType } from 'react';

import AuditOutlined from '@ant-design/icons/es/icons/AuditOutlined';
import SafetyCertificateOutlined from '@ant-design/icons/es/icons/SafetyCertificateOutlined';
import ShopOutlined from '@ant-design/icons/es/icons/ShopOutlined';

import type { Viewer } from './api/viewer';

export interface PageRoute {
  /** Below `/console`, as react-router writes it. */
  readonly path: string;
  readonly Page: ComponentType;
  /** Who is offered the page. What they may do on it, the server decides. */
  readonly mayOpen: (viewer: Viewer) => boolean;
  /** Its place in the navigation; a page without one is reached from other pages. */
  readonly nav?: { readonly zh: string; readonly en: string; readonly Icon: ComponentType };
}

const isStaff = (viewer: Viewer) => viewer.may('SERVICE_ORDER_READ') && !viewer.isPlatform;
const readsOrders = (viewer: Viewer) => viewer.may('SERVICE_ORDER_READ');

export const routes: readonly PageRoute[] = [
  {
    path: '/queue/*',
    Page: lazy(() => import('./pages/queue/Queue')),
    mayOpen: isStaff,
    nav: { zh: '工作台', en: 'Desk', Icon: AuditOutlined },
  },
  { path: '/orders/:id', Page: lazy(() => import('./pages/order/Order')), mayOpen: readsOrders },
  {
    path: '/platform/enrolments',
    Page: lazy(() => import('./pages/platform/Enrolments')),
    mayOpen: viewer => viewer.may('ENROLMENT_REVIEW'),
    nav: { zh: '开通审核', en: 'Enrolments', Icon: SafetyCertificateOutlined },
  },
  {
    path: '/platform/merchants',
    Page: lazy(() => import('./pages/platform/Merchants')),
    mayOpen: viewer => viewer.may('ENROLMENT_REVIEW', 'MERCHANT_READ'),
    nav: { zh: '商家', en: 'Merchants', Icon: ShopOutlined },
  },
];
