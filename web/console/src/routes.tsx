// The pages of the console. A page is a folder in pages/ and a line here.
import { lazy, type ComponentType } from 'react';

import ApiOutlined from '@ant-design/icons/es/icons/ApiOutlined';
import AuditOutlined from '@ant-design/icons/es/icons/AuditOutlined';
import ExportOutlined from '@ant-design/icons/es/icons/ExportOutlined';
import InboxOutlined from '@ant-design/icons/es/icons/InboxOutlined';
import TeamOutlined from '@ant-design/icons/es/icons/TeamOutlined';
import BarChartOutlined from '@ant-design/icons/es/icons/BarChartOutlined';
import SafetyCertificateOutlined from '@ant-design/icons/es/icons/SafetyCertificateOutlined';
import CalendarOutlined from '@ant-design/icons/es/icons/CalendarOutlined';
import IdcardOutlined from '@ant-design/icons/es/icons/IdcardOutlined';
import SolutionOutlined from '@ant-design/icons/es/icons/SolutionOutlined';
import SettingOutlined from '@ant-design/icons/es/icons/SettingOutlined';
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
const readsOrders = (viewer: Viewer) => viewer.may('SERVICE_ORDER_READ', 'INTERVENE', 'MERCHANT_READ');

export const routes: readonly PageRoute[] = [
  {
    path: '/queue/*',
    Page: lazy(() => import('./pages/queue/Queue')),
    mayOpen: isStaff,
    nav: { zh: '工作台', en: 'Desk', Icon: AuditOutlined },
  },
  { path: '/orders/:id', Page: lazy(() => import('./pages/order/Order')), mayOpen: readsOrders },
  { path: '/orders/:id/slip', Page: lazy(() => import('./pages/slip/Slip')), mayOpen: readsOrders },
  {
    path: '/receiving',
    Page: lazy(() => import('./pages/receiving/Receiving')),
    mayOpen: viewer => isStaff(viewer) && viewer.may('RECEIVE', 'PROCESS', 'REFUND'),
    nav: { zh: '收货处理', en: 'Receiving', Icon: InboxOutlined },
  },
  {
    path: '/exports',
    Page: lazy(() => import('./pages/exports/Exports')),
    mayOpen: viewer => isStaff(viewer) && viewer.may('EXPORT'),
    nav: { zh: '导出', en: 'Exports', Icon: ExportOutlined },
  },
  {
    path: '/connections',
    Page: lazy(() => import('./pages/connections/Connections')),
    mayOpen: viewer => !viewer.isPlatform && viewer.may('SETTINGS_MANAGE'),
    nav: { zh: '系统对接', en: 'Connections', Icon: ApiOutlined },
  },
  {
    path: '/staff',
    Page: lazy(() => import('./pages/staff/Staff')),
    mayOpen: viewer => viewer.may('STAFF_MANAGE'),
    nav: { zh: '员工', en: 'Staff', Icon: TeamOutlined },
  },
  {
    path: '/quality/*',
    Page: lazy(() => import('./pages/quality/Quality')),
    mayOpen: viewer => !viewer.isPlatform && viewer.may('QUALITY_READ', 'SERVICE_ORDER_READ'),
    nav: { zh: '服务质量', en: 'Quality', Icon: BarChartOutlined },
  },
  {
    path: '/settings/*',
    Page: lazy(() => import('./pages/settings/Settings')),
    mayOpen: viewer => !viewer.isPlatform && viewer.may('SETTINGS_MANAGE'),
    nav: { zh: '商家设置', en: 'Settings', Icon: SettingOutlined },
  },
  { path: '/account', Page: lazy(() => import('./pages/account/Account')), mayOpen: () => true },
  { path: '/sso', Page: lazy(() => import('./pages/account/Link')), mayOpen: () => true },
  {
    path: '/platform/escalations',
    Page: lazy(() => import('./pages/escalations/Escalations')),
    mayOpen: viewer => viewer.may('INTERVENE'),
    nav: { zh: '纠纷裁决', en: 'Disputes', Icon: SolutionOutlined },
  },
  {
    path: '/platform/calendar',
    Page: lazy(() => import('./pages/calendar/Calendar')),
    mayOpen: viewer => viewer.may('CALENDAR_MANAGE'),
    nav: { zh: '暂停时段', en: 'Calendar', Icon: CalendarOutlined },
  },
  {
    path: '/platform/evaluation',
    Page: lazy(() => import('./pages/evaluation/Evaluation')),
    mayOpen: viewer => viewer.isPlatform && viewer.may('QUALITY_MANAGE', 'MERCHANT_READ'),
    nav: { zh: '服务评价', en: 'Evaluation', Icon: BarChartOutlined },
  },
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
  {
    path: '/platform/accounts',
    Page: lazy(() => import('./pages/accounts/Accounts')),
    mayOpen: viewer => viewer.may('PLATFORM_ACCOUNT_MANAGE', 'ENROLMENT_REVIEW'),
    nav: { zh: '平台账号', en: 'Accounts', Icon: IdcardOutlined },
  },
];
