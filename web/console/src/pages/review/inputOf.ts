// A draft as the API takes it, and what it still lacks.
import type { ReviewDecisionInput } from '../../api/graphql/graphql';
import type { Draft } from './drafts';

export type Lack = 'reason' | 'note' | 'newGoods' | 'waybill';

export function lacks(draft: Draft): readonly Lack[] {
  const { decision, reason, note, goods, carrier, waybill, isLater } = draft;
  const lacking: Lack[] = [];
  if (decision === 'REJECT' && !reason) lacking.push('reason');
  if (decision === 'RESEND' && !goods.trim()) lacking.push('newGoods');
  if (decision === 'RESEND' && !isLater && !(carrier.trim() && waybill.trim())) lacking.push('waybill');
  if (decision !== 'APPROVE' && !note.trim()) lacking.push('note');
  return lacking;
}

export function inputOf(draft: Draft): ReviewDecisionInput {
  const { decision, reason, note, goods, carrier, waybill, isLater, returnAddressId } = draft;
  const customerNote = note.trim() || null;
  switch (decision) {
    case 'APPROVE':
      return { approve: { reason, customerNote, returnAddressId } };
    case 'REJECT':
      return { reject: { reason: reason ?? '', customerNote } };
    case 'RESEND':
      return { resend: { goods: goods.trim(), later: isLater, reason, customerNote, ...(!isLater && { carrier: carrier.trim(), waybill: waybill.trim() }) } };
    case 'REQUEST_FEEDBACK':
      return { requestFeedback: { question: note.trim(), reason } };
    case 'RECORD_GIVE_UP':
      return { recordGiveUp: { customerNote, reason } };
  }
}

/** Where the fields of the outcome are in the input: refusals name them by it. */
export function pathOf(decision: object): string {
  return ['decision', ...Object.keys(decision)].join('.');
}
