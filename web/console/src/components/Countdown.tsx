import { useSyncExternalStore } from 'react';

import { onSecond, serverNow } from '../api/serverTime';
import { languageStore, type Language } from '../i18n/language';
import { define, spoken } from '../i18n/messages';
import { useStore } from '../api/store';

const SOON_S = 4 * 3600;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const messages = define({
  days: { zh: (d: number, h: number) => `${d} 天 ${h} 小时`, en: (d: number, h: number) => `${d} d ${h} h` },
  overdue: { zh: (text: string) => `超时 ${text}`, en: (text: string) => `${text} over` },
  paused: { zh: '已暂停', en: 'Paused' },
});

interface Clock {
  readonly dueAt: string | null;
  readonly pausedSince: string | null;
}

export type Urgency = 'paused' | 'over' | 'soon' | 'fine';

/** The time that is left by the server's clock: to the second below an hour, to the minute below a day. */
export function Countdown({ of }: { of: Clock | null }) {
  const language = useStore(languageStore);
  // The text is the state: what shows the same text a second later is not drawn again.
  const text = useSyncExternalStore(onSecond, () => (of ? countdownText(of, language) : ''));
  const urgency = useSyncExternalStore(onSecond, () => (of ? urgencyOf(of) : 'fine'));
  if (!of) return <span className="muted">–</span>;
  return <span className={`countdown countdown-${urgency}`}>{text}</span>;
}

export function urgencyOf({ dueAt, pausedSince }: Clock): Urgency {
  if (pausedSince || !dueAt) return 'paused';
  const left = secondsLeft(dueAt);
  return left < 0 ? 'over' : left < SOON_S ? 'soon' : 'fine';
}

function countdownText({ dueAt, pausedSince }: Clock, language: Language): string {
  const t = spoken(messages, language);
  if (pausedSince || !dueAt) return t.paused;
  const left = secondsLeft(dueAt);
  const text = durationText(Math.abs(left), language);
  return left < 0 ? t.overdue(text) : text;
}

export function durationText(seconds: number, language: Language): string {
  const [days, hours] = [Math.floor(seconds / DAY), Math.floor((seconds % DAY) / HOUR)];
  if (days) return spoken(messages, language).days(days, hours);
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor((seconds % HOUR) / MINUTE);
  return hours ? `${hours}:${pad(minutes)}${language === 'zh' ? '' : ' h'}` : `${pad(minutes)}:${pad(Math.floor(seconds % MINUTE))}`;
}

function secondsLeft(dueAt: string): number {
  return Math.floor((Date.parse(dueAt) - serverNow()) / 1000);
}
