// The period of a report, kept in the address so that a report can be passed on.
import { DatePicker, Segmented } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import 'dayjs/locale/en-gb';
import 'dayjs/locale/zh-cn';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';

import type { QualityPeriod } from '../../api/graphql/graphql';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { useStore } from '../../api/store';
import { serverNow } from '../../api/serverTime';
import { useTimeZone } from '../../api/timeZone';
import { messages } from './messages';

type Kind = 'day' | 'week' | 'month' | 'range';

const DAY = 'YYYY-MM-DD';
const MAX_DAYS = 366;

/** Today in the merchant's time zone, as `YYYY-MM-DD`. */
export function useToday(): string {
  const timeZone = useTimeZone();
  return useMemo(() => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(serverNow()), [timeZone]);
}

interface Chosen {
  readonly kind: Kind;
  readonly first: string;
  readonly last: string;
}

function readFrom(params: URLSearchParams, today: string): Chosen {
  const kind = (params.get('by') as Kind | null) ?? 'month';
  const first = params.get('from') ?? today;
  return { kind: ['day', 'week', 'month', 'range'].includes(kind) ? kind : 'month', first, last: params.get('to') ?? first };
}

function periodOf({ kind, first, last }: Chosen): QualityPeriod {
  if (kind === 'day') return { day: first } as QualityPeriod;
  if (kind === 'week') return { week: first } as QualityPeriod;
  if (kind === 'month') return { month: first.slice(0, 7) } as QualityPeriod;
  return { range: { first, last } } as QualityPeriod;
}

export function usePeriod() {
  const [params, setParams] = useSearchParams();
  const today = useToday();
  const chosen = readFrom(params, today);
  const choose = ({ kind, first, last }: Chosen) =>
    setParams(
      known => {
        const next = new URLSearchParams(known);
        next.set('by', kind);
        next.set('from', first);
        if (kind === 'range') next.set('to', last);
        else next.delete('to');
        return next;
      },
      { replace: true },
    );
  return { chosen, period: periodOf(chosen), choose };
}

export function PeriodPicker({ chosen, choose }: { chosen: Chosen; choose: (chosen: Chosen) => void }) {
  const t = useMessages(messages);
  const locale = localeOf(useStore(languageStore)).toLowerCase();
  const at = (day: string): Dayjs => dayjs(day).locale(locale);
  const { kind, first, last } = chosen;
  return (
    <div className="row wrap" role="group" aria-label={t.period}>
      <Segmented<Kind>
        value={kind}
        aria-label={t.period}
        onChange={next => choose({ kind: next, first, last })}
        options={[
          { value: 'day', label: t.byDay },
          { value: 'week', label: t.byWeek },
          { value: 'month', label: t.byMonth },
          { value: 'range', label: t.range },
        ]}
      />
      {kind === 'range' ? (
        <DatePicker.RangePicker
          allowClear={false}
          value={[at(first), at(last)]}
          onChange={days => {
            const [from, to] = days ?? [];
            if (!from || !to) return;
            const limit = from.add(MAX_DAYS - 1, 'day');
            choose({ kind, first: from.format(DAY), last: (to.isAfter(limit) ? limit : to).format(DAY) });
          }}
        />
      ) : (
        <DatePicker
          key={kind}
          aria-label={t.period}
          allowClear={false}
          picker={kind === 'day' ? 'date' : kind}
          value={at(first)}
          onChange={day => day && choose({ kind, first: (day as Dayjs).format(DAY), last })}
        />
      )}
    </div>
  );
}
