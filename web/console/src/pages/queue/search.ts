// What a person means by what they type into the one search box.
import type { ServiceOrderFilter } from '../../api/graphql/graphql';

export type Meaning = 'byNumber' | 'byPhone' | 'byWaybill' | 'byName';

export interface Candidate {
  readonly meaning: Meaning;
  readonly filter: ServiceOrderFilter;
}

const PHONE = /^1\d{10}$/;
const WHOLE_NUMBER = /^\d{16,20}$/;
const SHORTEST_NUMBER = 4;
const SHORTEST_WAYBILL = 6;
const SHORTEST_NAME = 2;

/** The likeliest first; empty for what nothing is found by, such as a single letter. */
export function meaningsOf(typed: string): readonly Candidate[] {
  const text = typed.normalize('NFKC').trim();
  const compact = text.replace(/[\s#-]/g, '');
  if (/[,，;；\n]/.test(text)) return [{ meaning: 'byNumber', filter: { number: text } }, waybill(text)];
  if (/^\d+$/.test(compact)) return digits(compact);
  if (/^[a-z]{1,4}\d[\da-z]*$/i.test(compact) && compact.length >= SHORTEST_WAYBILL) return [waybill(compact)];
  return text.length >= SHORTEST_NAME ? [{ meaning: 'byName', filter: { customerName: text } }] : [];
}

function digits(text: string): readonly Candidate[] {
  if (text.length < SHORTEST_NUMBER) return [];
  const byNumber: Candidate = WHOLE_NUMBER.test(text)
    ? { meaning: 'byNumber', filter: { number: text } }
    : { meaning: 'byNumber', filter: { numberPrefix: text } };
  const byPhone: Candidate = { meaning: 'byPhone', filter: { phone: text } };
  if (PHONE.test(text)) return [byPhone, byNumber, waybill(text)];
  // The last digits of a phone number are what customers give.
  if (text.length === SHORTEST_NUMBER) return [byPhone, byNumber];
  return text.length <= 11 ? [byNumber, byPhone, waybill(text)] : [byNumber, waybill(text)];
}

function waybill(text: string): Candidate {
  return { meaning: 'byWaybill', filter: { waybill: text } };
}
