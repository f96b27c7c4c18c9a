import { useState } from 'react';

import { graphql } from '../../api/graphql';
import { useSubmit } from '../../api/useSubmit';
import { Form } from '../../components/Form';
import { define, useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import type { StepProps } from './steps';

const messages = define({
  reason: { zh: '理由（仅同事可见）', en: 'Why (only colleagues see it)' },
  note: { zh: '给客户的留言', en: 'Note to the customer' },
});

const REOPEN = graphql(`
  mutation Reopen($input: ReopenServiceOrderInput!) {
    reopenServiceOrder(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message }
    }
  }
`);
const WITHDRAW = graphql(`
  mutation WithdrawApproval($input: WithdrawApprovalInput!) {
    withdrawApproval(input: $input) {
      serviceOrder { ...OrderRow }
      queueSummary { ...Counters }
      refusals { code message }
    }
  }
`);

/** Takes a rejection or an approval back: the order waits for review again. */
export default function TakeBack({ order, action, onDone }: StepProps) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const [reason, setReason] = useState('');
  const [note, setNote] = useState('');
  const reopening = useSubmit(REOPEN, { keyed: true });
  const withdrawing = useSubmit(WITHDRAW, { keyed: true });
  const { submit, problem, isRunning } = action === 'REOPEN' ? reopening : withdrawing;
  const send = async () => {
    const input = { id: order.id, expectedVersion: order.version, reason: reason.trim(), customerNote: note.trim() || null };
    if (await submit({ input })) onDone();
  };
  return (
    <Form problem={problem} send={send} label={names[action]} isRunning={isRunning}>
      <label className="field">
        <span>{t.reason}</span>
        <textarea className="input textarea" required autoFocus rows={2} maxLength={500} value={reason} onChange={event => setReason(event.target.value)} />
      </label>
      <label className="field">
        <span>{t.note}</span>
        <textarea className="input textarea" rows={2} maxLength={500} value={note} onChange={event => setNote(event.target.value)} />
      </label>
    </Form>
  );
}
