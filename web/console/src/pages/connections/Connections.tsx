// What other systems hear of the merchant, and what they may ask.
import type { ReactNode } from 'react';

import { Tabs } from 'antd';

import { useTab } from '../../components/useTab';
import { useMessages } from '../../i18n/messages';
import { Connectors } from './Connectors';
import { messages } from './messages';
import { Webhooks } from './Webhooks';
import './connections.css';

const TABS = ['webhooks', 'connectors'] as const;

export default function Connections() {
  const t = useMessages(messages);
  const [tab, setTab] = useTab(TABS);
  const panes: Readonly<Record<(typeof TABS)[number], ReactNode>> = { webhooks: <Webhooks />, connectors: <Connectors /> };
  return (
    <div className="page">
      <div className="page-head"><h1>{t.title}</h1></div>
      <section className="card">
        <Tabs
          className="list-tabs"
          activeKey={tab}
          onChange={key => setTab(key as typeof tab)}
          destroyOnHidden
          items={TABS.map(name => ({ key: name, label: t[name], children: panes[name] }))}
        />
      </section>
    </div>
  );
}
