import { useRef, useState, type RefObject } from 'react';

import { Button, Drawer, Input, InputNumber, Popconfirm } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';

import type { ServiceOrderAction } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { DecisionChoice } from './DecisionChoice';
import { CREATE_TEMPLATE, DELETE_TEMPLATE, UPDATE_TEMPLATE, type Template } from './documents';
import { messages } from './messages';
import { TemplatePreview } from './TemplatePreview';

interface Props {
  /** `new` for another one. */
  readonly of: Template | 'new' | null;
  readonly onOpen: (id: string) => void;
  readonly onClose: () => void;
}

export function TemplateDrawer({ of, onOpen, onClose }: Props) {
  const t = useMessages(messages);
  return (
    <Drawer open={of !== null} onClose={onClose} size={560} destroyOnHidden closable={{ 'aria-label': t.close }} title={of === 'new' ? t.addTemplate : of?.name}>
      {of !== null && <TemplateForm key={of === 'new' ? of : of.id} template={of === 'new' ? null : of} onSaved={onOpen} />}
      {of !== null && of !== 'new' && (
        <>
          <TemplatePreview key={`${of.id} ${of.updatedAt}`} of={of} />
          <Deletion id={of.id} onDone={onClose} />
        </>
      )}
    </Drawer>
  );
}

interface Draft {
  readonly name: string;
  readonly textZh: string;
  readonly textEn: string;
  readonly decisions: readonly ServiceOrderAction[];
  readonly position: number;
}

const FIELDS = ['name', 'textZh', 'textEn', 'decisions', 'position'] as const;

/** What is saved stays open, so that it can be tried. */
function TemplateForm({ template, onSaved }: { template: Template | null; onSaved: (id: string) => void }) {
  const t = useMessages(messages);
  const [draft, setDraft] = useState<Draft>({
    name: template?.name ?? '',
    textZh: template?.textZh ?? '',
    textEn: template?.textEn ?? '',
    decisions: template?.decisions ?? [],
    position: template?.position ?? 0,
  });
  const creating = useSubmit(CREATE_TEMPLATE);
  const updating = useSubmit(UPDATE_TEMPLATE);
  const { problem, isRunning } = template ? updating : creating;
  const put = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const send = async () => {
    const input = { ...draft, name: draft.name.trim(), textEn: draft.textEn.trim() || null };
    const payload = template ? await updating.submit({ input: { id: template.id, ...input } }) : await creating.submit({ input });
    if (!payload?.noteTemplate) return;
    notify(t.saved);
    onSaved(payload.noteTemplate.id);
  };
  return (
    <Form problem={problem} fields={FIELDS} send={send} label={template ? t.save : t.create} isRunning={isRunning}>
      <Field name="name" problem={problem} label={t.name}>
        <Input required autoFocus={!template} maxLength={64} value={draft.name} onChange={event => put({ name: event.target.value })} />
      </Field>
      <Field name="textZh" problem={problem} label={t.textZh} hint={t.placeholdersHint} isGroup>
        <Text label={t.textZh} lang="zh-CN" isRequired value={draft.textZh} onChange={textZh => put({ textZh })} />
      </Field>
      <Field name="textEn" problem={problem} label={t.textEn} hint={t.textEnHint} isGroup>
        <Text label={t.textEn} lang="en" value={draft.textEn} onChange={textEn => put({ textEn })} />
      </Field>
      <Field name="decisions" problem={problem} label={t.decisions} hint={t.templateDecisionsHint} isGroup>
        <DecisionChoice value={draft.decisions} onChange={decisions => put({ decisions })} />
      </Field>
      <Field name="position" problem={problem} label={t.position} hint={t.positionHint}>
        <InputNumber min={0} max={9999} precision={0} value={draft.position} onChange={position => put({ position: position ?? 0 })} />
      </Field>
    </Form>
  );
}

interface TextProps {
  readonly label: string;
  readonly lang: string;
  readonly isRequired?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A text, and buttons that put a placeholder where the cursor is. */
function Text({ label, lang, isRequired = false, value, onChange }: TextProps) {
  const t = useMessages(messages);
  const field = useRef<TextAreaRef>(null);
  const placeholders = [
    { text: '{number}', name: t.placeholderNumber },
    { text: '{goods}', name: t.placeholderGoods },
    { text: '{returnAddress}', name: t.placeholderAddress },
  ];
  return (
    <>
      <Input.TextArea ref={field} aria-label={label} lang={lang} required={isRequired} rows={3} maxLength={1000} value={value} onChange={event => onChange(event.target.value)} />
      <div className="row wrap">
        {placeholders.map(({ text, name }) => <button key={text} type="button" className="chip" aria-label={`${label}: ${name}`} onClick={() => onChange(inserted(field, value, text))}>{name}</button>)}
      </div>
    </>
  );
}

function inserted(field: RefObject<TextAreaRef | null>, value: string, text: string): string {
  const { selectionStart: start, selectionEnd: end } = field.current?.resizableTextArea?.textArea ?? { selectionStart: value.length, selectionEnd: value.length };
  field.current?.focus();
  return value.slice(0, start) + text + value.slice(end);
}

function Deletion({ id, onDone }: { id: string; onDone: () => void }) {
  const t = useMessages(messages);
  const { submit, problem, isRunning } = useSubmit(DELETE_TEMPLATE);
  const remove = async () => {
    if (await submit({ input: { id } })) onDone();
  };
  return (
    <section className="drawer-steps">
      <Popconfirm title={t.deleteTemplate} description={t.deleteTemplateHint} okText={t.yes} cancelText={t.no} onConfirm={() => remove()}>
        <Button danger loading={isRunning}>{t.deleteTemplate}</Button>
      </Popconfirm>
      <Problem of={problem} />
    </section>
  );
}
