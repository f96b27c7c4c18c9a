// Figures as texts, and as buttons that open the orders behind them.
import { Button } from 'antd';

import type { QualityMetric, QualityPart, QualityPeriod, QualityUnit } from '../../api/graphql/graphql';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { useStore } from '../../api/store';
import { messages } from './messages';

/** What the drawer shows: the cases of one figure. */
export interface Behind {
  readonly metric: QualityMetric;
  readonly name: string;
  readonly part: QualityPart;
  readonly period: QualityPeriod;
  readonly employeeId: string | null;
  /** Whose, if the viewer sees several merchants. */
  readonly merchantId?: string;
}

export function useFigureText(): (value: number | null, unit: QualityUnit) => string {
  const t = useMessages(messages);
  const locale = localeOf(useStore(languageStore));
  return (value, unit) => {
    if (value === null) return '–';
    if (unit === 'PART') return value.toLocaleString(locale, { style: 'percent', maximumFractionDigits: 1 });
    const number = value.toLocaleString(locale, { maximumFractionDigits: 2 });
    if (unit === 'HOURS') return t.hours(number);
    return unit === 'POINTS' ? t.points(number) : number;
  };
}

interface Props {
  readonly text: string;
  readonly behind: Behind;
  readonly onOpen: (behind: Behind) => void;
  readonly strong?: boolean;
}

/** A number that opens its orders. */
export function Opening({ text, behind, onOpen, strong = false }: Props) {
  const t = useMessages(messages);
  const part = behind.part === 'NUMERATOR' ? t.numerator : t.denominator;
  return (
    <Button type="link" size="small" className="quality-number" aria-label={`${text}, ${t.openOrders(behind.name, part)}`} onClick={() => onOpen(behind)}>
      {strong ? <strong>{text}</strong> : text}
    </Button>
  );
}
