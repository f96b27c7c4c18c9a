// A new password, twice, with its rules; the second must be like the first before anything is sent.
import { useEffect, useRef, useState } from 'react';

import { Input, type InputRef } from 'antd';

import type { Problem } from '../../api/problem';
import { Field } from '../../components/Field';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem: Problem | null;
}

export function NewPassword({ value, onChange, problem }: Props) {
  const t = useMessages(messages);
  const [again, setAgain] = useState('');
  const field = useRef<InputRef>(null);
  useEffect(() => field.current?.input?.setCustomValidity(again && again !== value ? t.different : ''), [again, value, t]);
  return (
    <>
      <Field name="newPassword" problem={problem} label={t.newPassword} hint={t.passwordRules}>
        <Input.Password required minLength={8} maxLength={128} autoComplete="new-password" value={value} onChange={event => onChange(event.target.value)} />
      </Field>
      <Field label={t.again}>
        <Input.Password ref={field} required autoComplete="new-password" value={again} onChange={event => setAgain(event.target.value)} />
        {again && !value.startsWith(again) && <small className="danger" role="alert">{t.different}</small>}
      </Field>
    </>
  );
}
