// How merchants are scored: their scores, the plans behind them, a draft of the next, and alerts.
import type { ReactNode } from 'react';

import { Tabs } from 'antd';

import { useViewer } from '../../api/viewer';
import { useTab } from '../../components/useTab';
import { useMessages } from '../../i18n/messages';
import { Alerts } from '../quality/Alerts';
import '../quality/quality.css';
import { Draft } from './Draft';
import './evaluation.css';
import { messages } from './messages';
import { Plans } from './Plans';
import { Scores } from './Scores';

const TABS = ['scores', 'plans', 'draft', 'alerts'] as const;

export default function Evaluation() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const open = TABS.filter(name => (name === 'scores' ? viewer.may('MERCHANT_READ') : name === 'draft' ? viewer.may('QUALITY_MANAGE') : true));
  const [asked, setTab] = useTab(TABS);
  const tab = open.includes(asked) ? asked : open[0];
  const panes: Readonly<Record<(typeof TABS)[number], ReactNode>> = {
    scores: <Scores />,
    plans: <Plans />,
    draft: <Draft onPublished={() => setTab('plans')} />,
    alerts: <Alerts />,
  };
  return (
    <div className="page">
      <div className="page-head"><h1>{t.title}</h1></div>
      <Tabs size="small" {...(tab && { activeKey: tab })} onChange={key => setTab(key as (typeof TABS)[number])} items={open.map(key => ({ key, label: t[key] }))} />
      {tab && panes[tab]}
    </div>
  );
}
