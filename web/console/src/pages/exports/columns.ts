// The columns that a file can have, in groups and in the order of the file.
import type { ExportColumn } from '../../api/graphql/graphql';
import type { groups } from './messages';

export const COLUMNS: Readonly<Record<keyof typeof groups, readonly ExportColumn[]>> = {
  order: ['NUMBER', 'STATUS', 'ORDER_NUMBER', 'APPLIED_AT', 'EXPECTATION', 'REASON', 'DESCRIPTION', 'ASSIGNEE', 'DUE_AT', 'ESCALATED_AT', 'SATISFACTION', 'UPDATED_AT', 'FINISHED_AT'],
  goods: ['ITEM_NAME', 'SKU', 'CATEGORY', 'WAREHOUSE', 'QUANTITY', 'UNIT_PRICE', 'PAID_AMOUNT'],
  review: ['DECISION', 'DECIDED_AT', 'DECIDED_BY', 'REVIEW_REASON', 'CUSTOMER_NOTE'],
  parcels: ['LOGISTICS_IN', 'SHIPPED_AT', 'CARRIER', 'WAYBILL', 'RECEIVED_AT', 'PROCESSING', 'PROCESSED_AT', 'SENT_CARRIER', 'SENT_WAYBILL'],
  customer: ['CUSTOMER_REF', 'CONTACT_NAME', 'CONTACT_PHONE', 'CONTACT_ADDRESS'],
};

export const ALL = Object.values(COLUMNS).flat();
const CONTACTS: readonly ExportColumn[] = ['CONTACT_NAME', 'CONTACT_PHONE', 'CONTACT_ADDRESS'];

/** What a file has unless somebody chooses: all but contacts. */
export const USUAL = ALL.filter(column => !CONTACTS.includes(column));

export function hasContacts(columns: readonly ExportColumn[]): boolean {
  return columns.some(column => CONTACTS.includes(column));
}

export function inOrder(columns: readonly ExportColumn[]): readonly ExportColumn[] {
  return ALL.filter(column => columns.includes(column));
}
