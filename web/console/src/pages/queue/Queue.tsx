// The desk: a queue, and beside it the order that is worked on.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { Button } from 'antd';
import { useNavigate } from 'react-router';
import { useQuery } from 'urql';

import { onBack } from '../../api/connection';
import { QUEUE_SUMMARY } from '../../api/counters';
import { DECISIONS, type Decision } from '../../api/decisions';
import { usePages } from '../../api/usePages';
import { useViewer } from '../../api/viewer';
import { Failed } from '../../components/Failed';
import { loadable } from '../../components/loadable';
import { useMessages } from '../../i18n/messages';
import { QUEUE, type Row } from './documents';
import { FilterBar } from './FilterBar';
import { KeysHelp } from './KeysHelp';
import { messages } from './messages';
import { QueueTable } from './QueueTable';
import { SearchBox } from './SearchBox';
import { Tabs } from './Tabs';
import { useDesk } from './useDesk';
import { useKeys } from './useKeys';
import { useLive } from './useLive';
import { useSelection } from './useSelection';
import './queue.css';

const ReviewPanel = loadable(() => import('../review/ReviewPanel'), <Waiting />);
const Batch = loadable(() => import('../batch/Batch'));

export default function Queue() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const navigate = useNavigate();
  const desk = useDesk();
  const { tab, opened, open } = desk;
  const isSearch = desk.meaning !== null;
  const [{ data: counters }] = useQuery({ query: QUEUE_SUMMARY, pause: viewer.isPlatform });
  const summary = counters?.queueSummary ?? null;
  const pages = usePages(QUEUE, { filter: desk.filter, orderBy: desk.orderBy }, data => data.serviceOrders);
  const rows = pages.nodes;
  const shown = useMemo(() => new Set(rows.map(({ id }) => id)), [rows]);
  const news = useLive(tab.statuses, shown);
  const selection = useSelection(rows, JSON.stringify(desk.filter));
  const [active, setActive] = useState<string | null>(null);
  const [decision, setDecision] = useState<Decision | null>(null);
  const [isHelp, setHelp] = useState(false);
  const [isBatch, setBatch] = useState(false);
  const box = useRef<HTMLInputElement>(null);

  const at = rows.findIndex(({ id }) => id === (active ?? opened));
  const isGone = useCallback(
    (row: Row) => !isSearch && tab.statuses.length > 0 && !tab.statuses.includes(row.status),
    [isSearch, tab],
  );
  const openRow = useCallback(
    (id: string, chosen: Decision | null = null) => {
      setActive(id);
      setDecision(chosen);
      open(id);
    },
    [open],
  );
  const move = (by: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (!row) return;
    setActive(row.id);
    if (opened) openRow(row.id);
    if (by > 0 && at > rows.length - 5) pages.more();
  };
  const refresh = () => {
    news.clear();
    pages.refresh();
  };
  const { refresh: renew } = pages;
  useEffect(() => onBack(renew), [renew]);

  // To the next order that still waits, in the order of the list.
  const next = useCallback(() => {
    const from = rows.findIndex(({ id }) => id === opened);
    const waiting = [...rows.slice(from + 1), ...rows.slice(0, from)].find(row => row.id !== opened && !isGone(row));
    if (waiting) openRow(waiting.id);
    else open(null);
  }, [rows, opened, isGone, openRow, open]);

  const current = rows[at] ?? null;
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => current && openRow(current.id),
    o: () => current && void navigate(`/orders/${current.id}`),
    x: () => current && selection.toggle(current.id, false),
    r: refresh,
    '/': () => box.current?.focus(),
    '?': () => setHelp(true),
    Escape: () => (opened ? open(null) : selection.clear()),
    ...Object.fromEntries(
      DECISIONS.map((each, index) => [String(index + 1), () => {
        const row = current ?? rows[0];
        if (row) openRow(row.id, each);
      }]),
    ),
  });

  return (
    <div className={opened ? 'desk desk-split' : 'desk'}>
      <section className="desk-list" aria-label={t.queues}>
        <div className="desk-head">
          <h1 className="visually-hidden">{t.title}</h1>
          <Tabs desk={desk} summary={summary} />
          <SearchBox desk={desk} ref={box} />
        </div>
        {!isSearch && <FilterBar desk={desk} summary={summary} onKeys={() => setHelp(true)} />}
        {news.count > 0 && !isSearch && (
          <button type="button" className="desk-news" onClick={refresh}>
            {t.news(news.count)} · {t.show}
          </button>
        )}
        <div className="desk-scroll" aria-busy={pages.isLoading}>
          {rows.length > 0 && (
            <QueueTable
              rows={rows}
              active={active ?? opened}
              opened={opened}
              selected={selection.ids}
              isGone={isGone}
              hasStatus={isSearch || tab.key === 'all'}
              onOpen={openRow}
              onSelect={selection.toggle}
              onSelectAll={selection.all}
            />
          )}
          {!rows.length && !pages.error && (pages.isLoading ? <Waiting /> : <div className="empty" role="status">{isSearch ? t.notFound : tab.key === 'review' && desk.view.quick === 'everything' ? t.emptyReview : t.empty}</div>)}
          {rows.length > 0 && (
            <div className="table-foot">
              <span className="muted">{pages.totalCount !== undefined && `${rows.length} / ${pages.totalCount}`}</span>
              {pages.hasMore && <MoreRows onMore={pages.more} isLoading={pages.isLoading} />}
            </div>
          )}
          {pages.error && <Failed error={pages.error} onRetry={pages.retry} />}
        </div>
        {selection.ids.size > 0 && (
          <div className="desk-selection" role="region" aria-label={t.chosen(selection.ids.size)}>
            <strong>{t.chosen(selection.ids.size)}</strong>
            {viewer.may('REVIEW') && <Button type="primary" size="small" onClick={() => setBatch(true)}>{t.batch}</Button>}
            <Button size="small" type="text" onClick={selection.clear}>{t.cancelSelection}</Button>
          </div>
        )}
      </section>
      {opened && (
        <aside className="desk-panel" aria-label={t.panel}>
          <ReviewPanel key={opened} id={opened} initial={decision} onNext={next} onClose={() => open(null)} />
        </aside>
      )}
      {isHelp && <KeysHelp onClose={() => setHelp(false)} />}
      {isBatch && (
        <Batch orders={rows.filter(({ id }) => selection.ids.has(id))} onClose={() => setBatch(false)} onDone={selection.clear} />
      )}
    </div>
  );
}

/** The rows that come, while they come: nothing moves when they are there. */
function Waiting() {
  return (
    <div className="bones" aria-hidden>
      {Array.from({ length: 12 }, (_, index) => <span key={index} />)}
    </div>
  );
}

/** Loads the next page when it comes into sight; a button for those who do not scroll. */
function MoreRows({ onMore, isLoading }: { onMore: () => void; isLoading: boolean }) {
  const more = useMessages(messages);
  const element = useRef<HTMLDivElement>(null);
  const call = useRef(onMore);
  call.current = onMore;
  useEffect(() => {
    const target = element.current;
    if (!target || isLoading) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && call.current(), { rootMargin: '400px' });
    observer.observe(target);
    return () => observer.disconnect();
  }, [isLoading]);
  return (
    <div ref={element}>
      <Button size="small" loading={isLoading} onClick={onMore}>{more.show}</Button>
    </div>
  );
}
