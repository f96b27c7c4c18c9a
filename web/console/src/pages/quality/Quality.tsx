import { Tabs } from 'antd';
import { Navigate, Route, Routes, useLocation, useNavigate } from 'react-router';

import { useViewer } from '../../api/viewer';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';
import { Report } from './Report';
import './quality.css';

export default function Quality() {
  const t = useMessages(messages);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const viewer = useViewer();
  const tabs = [
    ...(viewer.may('QUALITY_READ') ? [{ key: 'report', label: t.report, page: <Report /> }] : []),
  ];
  const open = pathname.split('/')[2] ?? '';
  return (
    <div className="page">
      <div className="page-head"><h1>{t.title}</h1></div>
      <Tabs
        size="small"
        activeKey={open}
        onChange={key => void navigate(`/quality/${key}`)}
        items={tabs.map(({ key, label }) => ({ key, label }))}
      />
      <Routes>
        {tabs.map(({ key, page }) => <Route key={key} path={key} element={page} />)}
        <Route path="*" element={<Navigate replace to={`/quality/${tabs[0]?.key}`} />} />
      </Routes>
    </div>
  );
}
