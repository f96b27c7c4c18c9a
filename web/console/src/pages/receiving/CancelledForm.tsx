import { Input } from 'antd';
import { useQuery } from 'urql';

import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import type { StepProps } from '../order/steps';
import { useDraft } from '../review/drafts';
import { Evidence } from '../review/Evidence';
import { RECEIVE_CANCELLED, RULES } from './documents';
import { messages } from './messages';
import '../review/review.css';

/** A parcel that arrived although its order was cancelled. It is not inspected. */
export default function CancelledForm({ order, onDone }: StepProps) {
  const t = useMessages(messages);
  const [{ data }] = useQuery({ query: RULES });
  const [draft, change, drop] = useDraft(`receipt:${order.id}`, '');
  const { submit, problem, isRunning } = useSubmit(RECEIVE_CANCELLED, { keyed: true });
  const isUploading = draft.evidence.some(({ state }) => state === 'uploading');
  const send = async () => {
    const evidenceIds = draft.evidence.flatMap(({ id }) => id ?? []);
    const input = { id: order.id, expectedVersion: order.version, remark: draft.note.trim() || null, evidenceIds };
    if (!(await submit({ input }))) return;
    drop();
    onDone();
  };
  return (
    <Form problem={problem} fields={['remark']} send={send} label={t.registerCancelled} isIncomplete={isUploading} isRunning={isRunning}>
      <Field name="remark" problem={problem} label={t.remark}>
        <Input.TextArea autoFocus rows={2} maxLength={500} value={draft.note} onChange={event => change({ note: event.target.value })} />
      </Field>
      {data && <Evidence draft={draft} change={change} rules={data.evidenceRules} />}
    </Form>
  );
}
