import { Tabs } from 'antd';
import { Navigate, Route, Routes, useLocation, useNavigate } from 'react-router';

import { useViewer } from '../../api/viewer';
import { useMessages } from '../../i18n/messages';
import { Mine } from './Activity';
import { Alerts } from './Alerts';
import { AtRisk } from './AtRisk';
import { Day } from './Day';
import { messages } from './messages';
import { Report } from './Report';
import { Score } from './Score';
import './quality.css';

export default function Quality() {
  const t = useMessages(messages);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const viewer = useViewer();
  const all = [
    { key: 'report', label: t.report, page: <Report />, isOpen: viewer.may('QUALITY_READ') },
    { key: 'score', label: t.score, page: <Score />, isOpen: viewer.may('QUALITY_READ') },
    { key: 'alerts', label: t.alerts, page: <Alerts />, isOpen: viewer.may('QUALITY_READ') },
    { key: 'day', label: t.day, page: <Day />, isOpen: viewer.may('QUALITY_READ') },
    { key: 'at-risk', label: t.atRisk, page: <AtRisk />, isOpen: viewer.may('SERVICE_ORDER_READ') },
    { key: 'mine', label: t.mine, page: <Mine />, isOpen: true },
  ];
  const tabs = all.filter(({ isOpen }) => isOpen);
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
