import { useState, type SubmitEvent } from 'react';

import { Button, Input, Modal } from 'antd';

import type { Problem as ProblemOf } from '../../api/problem';
import { besides, Field } from '../../components/Field';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

const LONGEST = 500;

interface Props {
  readonly title: string;
  /** What follows from the decision. */
  readonly effect: string;
  readonly problem: ProblemOf | null;
  readonly isRunning: boolean;
  readonly isDangerous?: boolean;
  readonly onSubmit: (reason: string) => void;
  readonly onClose: () => void;
}

/** Asks for the reason of a decision, which the merchant reads. */
export function ReasonForm({ title, effect, problem, isRunning, isDangerous = false, onSubmit, onClose }: Props) {
  const t = useMessages(messages);
  const [reason, setReason] = useState('');
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit(reason);
  };
  return (
    <Modal open title={title} footer={null} onCancel={onClose} width={440}>
      <form className="form" onSubmit={send}>
        <p>{effect}</p>
        <Problem of={besides(problem, 'reason')} />
        <Field label={t.reason} hint={t.reasonHint} problem={problem} name="reason">
          <Input.TextArea autoFocus required rows={4} maxLength={LONGEST} showCount value={reason} onChange={event => setReason(event.target.value)} />
        </Field>
        <div className="row platform-buttons">
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button type="primary" danger={isDangerous} htmlType="submit" loading={isRunning} disabled={!reason.trim()}>{title}</Button>
        </div>
      </form>
    </Modal>
  );
}
