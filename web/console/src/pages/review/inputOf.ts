// A draft as the API takes it, and what it still lacks.
import type { ReviewDecisionInput } from '../../api/graphql/graphql';
import type { Draft } from './drafts';

export type Lack = 'reason' | 'note' | 'newGoods' | 'waybill';

export function lacks(draft: Draft): readonly Lack[] {
  const { decision, reason, note, goods, carrier, waybill, isLater } = draft;
  if (decision === 'REJECT') return [...(reason ? [] : (['reason'] as const)), ...(note.trim() ? [] : (['note'] as const))];
  if (decision === 'REQUEST_FEEDBACK' || decision === 'RECORD_GIVE_UP') return note.trim() ? [] : ['note'];
  if (decision === 'RESEND') {
    const isSent = Boolean(carrier.trim() && waybill.trim());
    return [...(goods.trim() ? [] : (['newGoods'] as const)), ...(isSent || isLater ? [] : (['waybill'] as const))];
  }
  return [];
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
