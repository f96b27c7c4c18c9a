import { useState } from 'react';

import { Button } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { sending } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { NOTE } from './documents';
import { messages } from './messages';

export function Note({ id }: { id: string }) {
  const t = useMessages(messages);
  const [text, setText] = useState('');
  const { submit, isRunning, problem } = useSubmit(NOTE, { keyed: true });
  return (
    <form className="form note-form" onSubmit={sending(() => submit({ input: { id, text: text.trim() } }).then(payload => payload && setText('')))}>
      <textarea className="input textarea" rows={2} maxLength={1000} aria-label={t.internal} placeholder={`${t.internal} · ${t.noteHint}`} value={text} onChange={event => setText(event.target.value)} />
      <Problem of={problem} />
      {text.trim() && <Button size="small" htmlType="submit" loading={isRunning}>{t.addNote}</Button>}
    </form>
  );
}
