// The forms of the steps of processing and of parcels.
import type { ServiceOrderAction } from '../../api/graphql/graphql';
import { useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import type { StepProps } from '../order/steps';
import { CLOSE, CORRECT_WAYBILL, ESCALATE, REPAIR, REPLY, RESPOND, RETURN_CANCELLED, SEND_BACK, SHIP, SOLVE, UNDO, UPDATE_SHIPMENT } from './documents';
import { StepForm, textForm, type TextField, type TextForm } from './StepForm';

const CARRIER = { name: 'carrier', label: 'carrier', kind: 'line' } as const satisfies TextField;
const WAYBILL = { name: 'waybill', label: 'waybill', kind: 'line' } as const satisfies TextField;
const NOTE = { name: 'customerNote', label: 'customerNote', kind: 'words', isOptional: true } as const satisfies TextField;

const forms: Partial<Record<ServiceOrderAction, TextForm>> = {
  REPAIR: textForm(REPAIR, [{ name: 'report', label: 'report', kind: 'words' }, CARRIER, WAYBILL, NOTE]),
  SEND_BACK: textForm(SEND_BACK, [CARRIER, WAYBILL, NOTE]),
  CLOSE: textForm(CLOSE, [{ name: 'reason', label: 'reason', kind: 'words' }]),
  UNDO: textForm(UNDO, [], 'undo'),
  SOLVE: textForm(SOLVE, [{ name: 'customerNote', label: 'customerNote', kind: 'words' }]),
  REPLY: textForm(REPLY, [{ name: 'text', label: 'text', kind: 'words' }]),
  ESCALATE: textForm(ESCALATE, [{ name: 'reason', label: 'reasonForBoth', kind: 'words' }]),
  UPDATE_SHIPMENT: textForm(UPDATE_SHIPMENT, [CARRIER, WAYBILL]),
  CORRECT_WAYBILL: textForm(CORRECT_WAYBILL, [CARRIER, WAYBILL]),
  RETURN_CANCELLED: textForm(RETURN_CANCELLED, [CARRIER, WAYBILL]),
  RESPOND: textForm(RESPOND, [{ name: 'text', label: 'answer', kind: 'words' }]),
};
const FREIGHT = { name: 'freight', label: 'freight', kind: 'line', isOptional: true } as const satisfies TextField;
const ship = textForm(SHIP, [CARRIER, WAYBILL, FREIGHT]);
const dropOff = textForm(SHIP, [{ ...CARRIER, isOptional: true }, { ...WAYBILL, isOptional: true }, FREIGHT]);

export default function Step({ order, action, onDone }: StepProps) {
  const names = useMessages(actions);
  const form = action === 'SHIP' ? (order.logisticsIn === 'DROP_OFF' ? dropOff : ship) : forms[action];
  return form ? <StepForm of={form} order={order} title={names[action]} onDone={onDone} /> : null;
}
