// A month, with the pause windows on its days; a day that lies ahead begins a new one.
import { useState } from 'react';

import LeftOutlined from '@ant-design/icons/es/icons/LeftOutlined';
import RightOutlined from '@ant-design/icons/es/icons/RightOutlined';
import { Button } from 'antd';
import dayjs from 'dayjs';

import { serverNow } from '../../api/serverTime';
import { useStore } from '../../api/store';
import { useTimeZone } from '../../api/timeZone';
import { wallTime } from '../../api/wallTime';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import type { PauseWindow } from './documents';
import { messages } from './messages';

const DAY = 'YYYY-MM-DD';
const MONDAY = dayjs('2024-01-01');

interface Props {
  readonly windows: readonly PauseWindow[];
  readonly onDay: (day: string) => void;
}

export function Month({ windows, onDay }: Props) {
  const t = useMessages(messages);
  const locale = localeOf(useStore(languageStore));
  const zone = useTimeZone();
  const today = wallTime(serverNow(), zone).slice(0, 10);
  const [month, setMonth] = useState(today.slice(0, 7));
  const turn = (by: number) => setMonth(dayjs(`${month}-01`).add(by, 'month').format('YYYY-MM'));
  const title = inWords(`${month}-01`, locale, { year: 'numeric', month: 'long' });
  const on = (day: string) => windows.filter(window => dayOf(window.startAt, zone) <= day && day <= dayOf(Date.parse(window.endAt) - 1, zone));
  return (
    <section className="card">
      <div className="card-head">
        <h2 className="grow" aria-live="polite">{title}</h2>
        <Button size="small" onClick={() => setMonth(today.slice(0, 7))}>{t.today}</Button>
        <Button size="small" aria-label={t.previousMonth} icon={<LeftOutlined />} onClick={() => turn(-1)} />
        <Button size="small" aria-label={t.nextMonth} icon={<RightOutlined />} onClick={() => turn(1)} />
      </div>
      <table className="month" aria-label={title}>
        <thead>
          <tr>{[0, 1, 2, 3, 4, 5, 6].map(n => <th key={n} scope="col">{inWords(MONDAY.add(n, 'day').format(DAY), locale, { weekday: 'short' })}</th>)}</tr>
        </thead>
        <tbody>
          {weeksOf(month).map(week => (
            <tr key={week[0]}>
              {week.map(day => (
                <td key={day} className={classesOf(day, month, today, on(day).length > 0)} aria-current={day === today ? 'date' : undefined}>
                  {day > today ? (
                    <button type="button" className="month-day" aria-label={t.declareOn(inWords(day, locale, { dateStyle: 'long' }))} onClick={() => onDay(day)}>{Number(day.slice(8))}</button>
                  ) : (
                    <span className="month-day">{Number(day.slice(8))}</span>
                  )}
                  {on(day).map(({ id, name }) => <span key={id} className="month-window" title={name}>{name}</span>)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function weeksOf(month: string): readonly (readonly string[])[] {
  const first = dayjs(`${month}-01`);
  const start = first.subtract((first.day() + 6) % 7, 'day');
  const count = Math.ceil(first.endOf('month').diff(start, 'day', true) / 7);
  return Array.from({ length: count }, (_, week) => Array.from({ length: 7 }, (_day, day) => start.add(week * 7 + day, 'day').format(DAY)));
}

function classesOf(day: string, month: string, today: string, isPaused: boolean): string | undefined {
  return [!day.startsWith(month) && 'is-other', day === today && 'is-today', isPaused && 'is-paused'].filter(Boolean).join(' ') || undefined;
}

function dayOf(at: number | string, zone: string): string {
  return wallTime(at, zone).slice(0, 10);
}

function inWords(day: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}
