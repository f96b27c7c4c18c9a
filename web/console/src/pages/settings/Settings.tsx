// The settings of a merchant, each at an address of its own.
import { Tabs } from 'antd';
import { Navigate, Route, Routes, useLocation, useNavigate } from 'react-router';

import { useMessages } from '../../i18n/messages';
import { Addresses } from './Addresses';
import { AddressRules } from './AddressRules';
import { Enrolment } from './Enrolment';
import { messages } from './messages';
import { NoteTemplates } from './NoteTemplates';
import { Reasons } from './Reasons';
import { ServiceTargets } from './ServiceTargets';
import { TimeZone } from './TimeZone';
import './settings.css';

export default function Settings() {
  const t = useMessages(messages);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const tabs = [
    { key: 'enrolment', label: t.enrolment, page: <Enrolment /> },
    { key: 'addresses', label: t.addresses, page: <Addresses /> },
    { key: 'address-rules', label: t.addressRules, page: <AddressRules /> },
    { key: 'targets', label: t.targets, page: <><ServiceTargets /><TimeZone /></> },
    { key: 'reasons', label: t.reasons, page: <Reasons /> },
    { key: 'templates', label: t.templates, page: <NoteTemplates /> },
  ];
  return (
    <div className="page">
      <div className="page-head"><h1>{t.title}</h1></div>
      <Tabs
        size="small"
        activeKey={pathname.split('/')[2] ?? ''}
        onChange={key => void navigate(`/settings/${key}`)}
        items={tabs.map(({ key, label }) => ({ key, label }))}
      />
      <Routes>
        {tabs.map(({ key, page }) => <Route key={key} path={key} element={page} />)}
        <Route path="*" element={<Navigate replace to="/settings/enrolment" />} />
      </Routes>
    </div>
  );
}
