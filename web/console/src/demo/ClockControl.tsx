import { useEffect, useState, useSyncExternalStore } from 'react';

import { Link } from 'react-router';
import { useQuery } from 'urql';

import { graphql } from '../api/graphql';
import { noteServerTime, onSecond, serverNow } from '../api/serverTime';
import { useStore } from '../api/store';
import { useTimeZone } from '../api/timeZone';
import { useSubmit } from '../api/useSubmit';
import { useViewer } from '../api/viewer';
import { instantText } from '../components/Instant';
import { Problem } from '../components/Problem';
import { languageStore, localeOf } from '../i18n/language';
import { define, useMessages } from '../i18n/messages';
import { useDemo } from './accounts';

const messages = define({
  title: { zh: '演示时钟（只能向前）', en: "The demo's clock (forward only)" },
  now: { zh: '现在', en: 'Now' },
  hours: { zh: (n: number) => `+${n} 小时`, en: (n: number) => `+${n} h` },
  moved: { zh: (n: number) => `时间前进了 ${n} 小时。`, en: (n: number) => `The clock moved ${n} h.` },
  approved: { zh: (n: number) => `系统自动通过 ${n} 单`, en: (n: number) => (n === 1 ? '1 order was approved by the system' : `${n} orders were approved by the system`) },
  ended: { zh: (n: number) => `完结 ${n} 单`, en: (n: number) => (n === 1 ? '1 order ended' : `${n} orders ended`) },
});

const ADVANCE = graphql(`
  mutation AdvanceClock($input: AdvanceClockInput!) {
    advanceClock(input: $input) { serverTime refusals { code message } }
  }
`);
const HAPPENED = graphql(`
  query Happened($since: DateTime!) {
    approved: serviceOrders(filter: { decided: { from: $since }, decision: [AUTO_APPROVE] }, first: 3) { totalCount nodes { id number } }
    ended: serviceOrders(filter: { finished: { from: $since } }, first: 1) { totalCount }
  }
`);

const STEPS = [1, 24, 48] as const;
const HOUR_S = 3600;
// The clock acts within a second; what is due at once takes a few.
const ASK_MS = 1_500;
const ASK_TIMES = 8;

/** On a demo alone: moves its time on, and tells what the system did by it. */
export default function ClockControl() {
  const t = useMessages(messages);
  const demo = useDemo();
  const locale = localeOf(useStore(languageStore));
  const zone = useTimeZone();
  const now = useSyncExternalStore(onSecond, () => instantText(new Date(serverNow()).toISOString(), 'full', locale, zone));
  const { submit, problem, isRunning } = useSubmit(ADVANCE);
  const [moved, setMoved] = useState<{ readonly hours: number; readonly since: string } | null>(null);
  if (!demo) return null;
  const move = async (hours: number) => {
    const since = new Date(serverNow()).toISOString();
    const payload = await submit({ input: { seconds: hours * HOUR_S } });
    if (!payload?.serverTime) return;
    noteServerTime(payload.serverTime);
    setMoved({ hours, since });
  };
  return (
    <fieldset className="role-switch">
      <legend className="muted">{t.title}</legend>
      <p>{t.now} <time>{now}</time></p>
      <div className="row wrap">
        {STEPS.map(hours => (
          <button key={hours} type="button" className="chip" disabled={isRunning} onClick={() => void move(hours)}>{t.hours(hours)}</button>
        ))}
      </div>
      <Problem of={problem} />
      {moved && (
        <div role="status">
          <p>{t.moved(moved.hours)}</p>
          <Happened key={moved.since} since={moved.since} />
        </div>
      )}
    </fieldset>
  );
}

function Happened({ since }: { since: string }) {
  const t = useMessages(messages);
  const mayRead = useViewer().may('SERVICE_ORDER_READ', 'MERCHANT_READ', 'INTERVENE');
  const [{ data }, ask] = useQuery({ query: HAPPENED, variables: { since }, requestPolicy: 'network-only', pause: !mayRead });
  useEffect(() => {
    if (!mayRead) return undefined;
    let left = ASK_TIMES;
    const timer = setInterval(() => {
      ask({ requestPolicy: 'network-only' });
      left -= 1;
      if (!left) clearInterval(timer);
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [ask, mayRead]);
  if (!data?.approved || !data.ended) return null;
  return (
    <>
      <p>{t.approved(data.approved.totalCount)} · {t.ended(data.ended.totalCount)}</p>
      <p className="row wrap">{data.approved.nodes.map(({ id, number }) => <Link key={id} className="mono" to={`/orders/${id}`}>{number}</Link>)}</p>
    </>
  );
}
