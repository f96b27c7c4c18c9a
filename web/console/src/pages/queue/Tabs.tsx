import { liveStore } from '../../api/connection';
import { useStore } from '../../api/store';
import type { CountersFragment } from '../../api/graphql/graphql';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';
import { counted, tabs } from './tabs';
import type { Desk } from './useDesk';

/** The queues with their counters, as they are at this moment. */
export function Tabs({ desk, summary }: { desk: Desk; summary: CountersFragment | null }) {
  const t = useMessages(messages);
  const isLive = useStore(liveStore);
  return (
    <nav className="desk-tabs" aria-label={t.queues}>
      {tabs.map(({ key }) => {
        const waiting = counted(summary, key, 'everything');
        const overdue = counted(summary, key, 'overdue');
        return (
          <button key={key} type="button" aria-current={desk.tab.key === key ? 'page' : undefined} onClick={() => desk.show({ tab: key })}>
            {t[key]}
            {waiting !== undefined && <span className="count">{waiting}</span>}
            {overdue ? <span className="count count-urgent" title={t.overdue}>{overdue}</span> : null}
          </button>
        );
      })}
      <span className={isLive ? 'live live-on' : 'live'} role="img" aria-label={isLive ? t.live : t.notLive} title={isLive ? t.live : t.notLive} />
    </nav>
  );
}
