import { languageStore, localeOf } from '../i18n/language';
import { useStore } from '../api/store';

/** An amount in yuan, given as the API gives it: a decimal text such as "12.30". */
export function Money({ of }: { of: string | null }) {
  const language = useStore(languageStore);
  if (of === null) return <>–</>;
  return <span className="nowrap">{moneyText(of, localeOf(language))}</span>;
}

const formats = new Map<string, Intl.NumberFormat>();

export function moneyText(amount: string, locale: string): string {
  let format = formats.get(locale);
  if (!format) {
    format = new Intl.NumberFormat(locale, { style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol' });
    formats.set(locale, format);
  }
  return format.format(Number(amount));
}
