// The form of a step whose input is texts: which, says the table of forms.
import { useState } from 'react';

import { Input } from 'antd';
import type { TypedDocumentNode } from '@urql/core';

import type { Order } from '../order/documents';
import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

const LONGEST = { line: 64, words: 500 };

export interface TextField<Name extends string = string> {
  readonly name: Name;
  readonly label: 'carrier' | 'waybill' | 'freight' | 'report' | 'customerNote' | 'reason' | 'reasonForBoth' | 'text' | 'answer';
  readonly kind: 'line' | 'words';
  readonly isOptional?: boolean;
}

type StepInput = { readonly id: string; readonly expectedVersion: number; readonly [name: string]: string | number | null };
type StepDocument = TypedDocumentNode<Record<string, object | null>, { input: StepInput }>;

export interface TextForm {
  readonly document: StepDocument;
  readonly fields: readonly TextField[];
  readonly hint?: 'undo';
}

/** Ties the fields of a form to those of its mutation's input. */
export function textForm<Data, Input extends object>(
  document: TypedDocumentNode<Data, { input: Input }>,
  fields: readonly TextField<keyof Input & string>[],
  hint?: 'undo',
): TextForm {
  // The names are checked above; what is behind them is texts.
  return { document: document as unknown as StepDocument, fields, ...(hint && { hint }) };
}

interface Props {
  readonly of: TextForm;
  readonly order: Order;
  readonly title: string;
  readonly onDone: () => void;
}

export function StepForm({ of: { document, fields, hint }, order, title, onDone }: Props) {
  const t = useMessages(messages);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const { submit, problem, isRunning } = useSubmit(document, { keyed: true });
  const send = async () => {
    const texts = Object.fromEntries(fields.map(({ name }) => [name, values[name]?.trim() || null]));
    if (await submit({ input: { ...texts, id: order.id, expectedVersion: order.version } })) onDone();
  };
  return (
    <Form problem={problem} fields={fields.map(({ name }) => name)} send={send} label={title} isRunning={isRunning}>
      {hint && <p>{t[hint]}</p>}
      {fields.map(({ name, label, kind, isOptional = false }, index) => {
        const props = {
          value: values[name] ?? '',
          required: !isOptional,
          autoFocus: index === 0,
          maxLength: LONGEST[kind],
          onChange: ({ target }: { target: { value: string } }) => setValues(known => ({ ...known, [name]: target.value })),
        };
        return (
          <Field key={name} name={name} problem={problem} label={isOptional ? `${t[label]} · ${t.optional}` : t[label]}>
            {kind === 'words' ? <Input.TextArea rows={2} {...props} /> : <Input {...props} />}
          </Field>
        );
      })}
    </Form>
  );
}
