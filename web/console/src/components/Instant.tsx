import { languageStore, localeOf } from '../i18n/language';
import { useStore } from '../api/store';
import { useTimeZone } from '../api/timeZone';

type Form = 'full' | 'short' | 'day' | 'time';

const OPTIONS: Readonly<Record<Form, Intl.DateTimeFormatOptions>> = {
  full: { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  short: { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { year: 'numeric', month: '2-digit', day: '2-digit' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
};

/** A moment in the merchant's time zone; the whole of it on hover. */
export function Instant({ at, form = 'short' }: { at: string | null; form?: Form }) {
  const locale = localeOf(useStore(languageStore));
  const zone = useTimeZone();
  if (at === null) return <>–</>;
  return (
    <time dateTime={at} title={`${instantText(at, 'full', locale, zone)} ${zone}`} className="nowrap">
      {instantText(at, form, locale, zone)}
    </time>
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function instantText(at: string, form: Form, locale: string, timeZone: string): string {
  const key = `${form} ${locale} ${timeZone}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...OPTIONS[form], timeZone });
    formats.set(key, format);
  }
  return format.format(new Date(at));
}
