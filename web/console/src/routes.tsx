// The pages of the console. A page is a folder in pages/ and a line here.
import type { ComponentType } from 'react';

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
import { loadable, type Loadable } from './components/loadable';
import { Starting } from './shell/Starting';

export interface PageRoute {
  /** Below `/console`, as react-router writes it. */
  readonly path: string;
  readonly Page: Loadable<object>;
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
    Page: loadable(() => import('./pages/queue/Queue'), <Starting />),
    mayOpen: isStaff,
    nav: { zh: '工作台', en: 'Desk', Icon: AuditOutlined },
  },
  { path: '/orders/:id', Page: loadable(() => import('./pages/order/Order'), <Starting />), mayOpen: readsOrders },
  { path: '/orders/:id/slip', Page: loadable(() => import('./pages/slip/Slip'), <Starting />), mayOpen: readsOrders },
  {
    path: '/receiving',
    Page: loadable(() => import('./pages/receiving/Receiving'), <Starting />),
    mayOpen: viewer => isStaff(viewer) && viewer.may('RECEIVE', 'PROCESS', 'REFUND'),
    nav: { zh: '收货处理', en: 'Receiving', Icon: InboxOutlined },
  },
  {
    path: '/exports',
    Page: loadable(() => import('./pages/exports/Exports'), <Starting />),
    mayOpen: viewer => isStaff(viewer) && viewer.may('EXPORT'),
    nav: { zh: '导出', en: 'Exports', Icon: ExportOutlined },
  },
  {
    path: '/connections',
    Page: loadable(() => import('./pages/connections/Connections'), <Starting />),
    mayOpen: viewer => !viewer.isPlatform && viewer.may('SETTINGS_MANAGE'),
    nav: { zh: '系统对接', en: 'Connections', Icon: ApiOutlined },
  },
  {
    path: '/staff',
    Page: loadable(() => import('./pages/staff/Staff'), <Starting />),
    mayOpen: viewer => viewer.may('STAFF_MANAGE'),
    nav: { zh: '员工', en: 'Staff', Icon: TeamOutlined },
  },
  {
    path: '/quality/*',
    Page: loadable(() => import('./pages/quality/Quality'), <Starting />),
    mayOpen: viewer => !viewer.isPlatform && viewer.may('QUALITY_READ', 'SERVICE_ORDER_READ'),
    nav: { zh: '服务质量', en: 'Quality', Icon: BarChartOutlined },
  },
  {
    path: '/settings/*',
    Page: loadable(() => import('./pages/settings/Settings'), <Starting />),
    mayOpen: viewer => !viewer.isPlatform && viewer.may('SETTINGS_MANAGE'),
    nav: { zh: '商家设置', en: 'Settings', Icon: SettingOutlined },
  },
  { path: '/account', Page: loadable(() => import('./pages/account/Account'), <Starting />), mayOpen: () => true },
  { path: '/sso', Page: loadable(() => import('./pages/account/Link'), <Starting />), mayOpen: () => true },
  {
    path: '/platform/escalations',
    Page: loadable(() => import('./pages/escalations/Escalations'), <Starting />),
    mayOpen: viewer => viewer.may('INTERVENE'),
    nav: { zh: '纠纷裁决', en: 'Disputes', Icon: SolutionOutlined },
  },
  {
    path: '/platform/calendar',
    Page: loadable(() => import('./pages/calendar/Calendar'), <Starting />),
    mayOpen: viewer => viewer.may('CALENDAR_MANAGE'),
    nav: { zh: '暂停时段', en: 'Calendar', Icon: CalendarOutlined },
  },
  {
    path: '/platform/evaluation',
    Page: loadable(() => import('./pages/evaluation/Evaluation'), <Starting />),
    mayOpen: viewer => viewer.isPlatform && viewer.may('QUALITY_MANAGE', 'MERCHANT_READ'),
    nav: { zh: '服务评价', en: 'Evaluation', Icon: BarChartOutlined },
  },
  {
    path: '/platform/enrolments',
    Page: loadable(() => import('./pages/platform/Enrolments'), <Starting />),
    mayOpen: viewer => viewer.may('ENROLMENT_REVIEW'),
    nav: { zh: '开通审核', en: 'Enrolments', Icon: SafetyCertificateOutlined },
  },
  {
    path: '/platform/merchants',
    Page: loadable(() => import('./pages/platform/Merchants'), <Starting />),
    mayOpen: viewer => viewer.may('ENROLMENT_REVIEW', 'MERCHANT_READ'),
    nav: { zh: '商家', en: 'Merchants', Icon: ShopOutlined },
  },
  {
    path: '/platform/accounts',
    Page: loadable(() => import('./pages/accounts/Accounts'), <Starting />),
    mayOpen: viewer => viewer.may('PLATFORM_ACCOUNT_MANAGE', 'ENROLMENT_REVIEW'),
    nav: { zh: '平台账号', en: 'Accounts', Icon: IdcardOutlined },
  },
];
