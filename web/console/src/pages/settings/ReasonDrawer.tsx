import { useState } from 'react';

import { Drawer, Input, InputNumber, Select } from 'antd';

import type { ReasonUse, ServiceOrderAction } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { DecisionChoice } from './DecisionChoice';
import { CREATE_REASON, UPDATE_REASON, type Reason } from './documents';
import { messages } from './messages';

interface Props {
  /** `new` for another one. */
  readonly of: Reason | 'new' | null;
  readonly use: ReasonUse;
  readonly reasons: readonly Reason[];
  readonly onClose: () => void;
}

export function ReasonDrawer({ of, use, reasons, onClose }: Props) {
  const t = useMessages(messages);
  return (
    <Drawer open={of !== null} onClose={onClose} size={480} destroyOnHidden closable={{ 'aria-label': t.close }} title={of === 'new' ? t.addReason : of?.name}>
      {of === 'new' && <NewReason use={use} groups={reasons.filter(({ parentCode }) => parentCode === null)} onDone={onClose} />}
      {of !== null && of !== 'new' && <Present key={of.code} of={of} onDone={onClose} />}
    </Drawer>
  );
}

interface Draft {
  readonly nameZh: string;
  readonly nameEn: string;
  readonly decisions: readonly ServiceOrderAction[];
  readonly position: number;
}

/** The group of a new group. */
const NONE = '';

function NewReason({ use, groups, onDone }: { use: ReasonUse; groups: readonly Reason[]; onDone: () => void }) {
  const t = useMessages(messages);
  const [group, setGroup] = useState(groups[0]?.code ?? NONE);
  const [handle, setHandle] = useState('');
  const [draft, setDraft] = useState<Draft>({ nameZh: '', nameEn: '', decisions: [], position: 0 });
  const { submit, problem, isRunning } = useSubmit(CREATE_REASON);
  const takesDecisions = use === 'REVIEW' && group !== NONE;
  const send = async () => {
    const { nameZh, nameEn, decisions, position } = draft;
    const input = {
      use, position,
      parentCode: group || null,
      handle: handle.trim() || null,
      nameZh: nameZh.trim(),
      nameEn: nameEn.trim() || null,
      decisions: takesDecisions ? decisions : [],
    };
    if (!(await submit({ input }))) return;
    notify(t.saved);
    onDone();
  };
  return (
    <Form problem={problem} fields={['parentCode', 'handle', ...DRAFT_FIELDS]} send={send} label={t.create} isRunning={isRunning}>
      <Field name="parentCode" problem={problem} label={t.group}>
        <Select value={group} onChange={setGroup} options={[...groups.map(({ code, name }) => ({ value: code, label: name })), { value: NONE, label: t.newGroup }]} />
      </Field>
      <DraftFields draft={draft} onChange={setDraft} takesDecisions={takesDecisions} problem={problem} />
      <Field name="handle" problem={problem} label={t.handle} hint={t.handleHint}>
        <Input maxLength={40} pattern="[A-Z0-9_]+" title={t.handleHint} value={handle} onChange={event => setHandle(event.target.value.toUpperCase())} />
      </Field>
    </Form>
  );
}

function Present({ of, onDone }: { of: Reason; onDone: () => void }) {
  const t = useMessages(messages);
  const [draft, setDraft] = useState<Draft>({ nameZh: of.nameZh, nameEn: of.nameEn, decisions: of.decisions, position: of.position ?? 0 });
  const { submit, problem, isRunning } = useSubmit(UPDATE_REASON);
  const takesDecisions = of.use === 'REVIEW' && of.parentCode !== null;
  const send = async () => {
    const { nameZh, nameEn, decisions, position } = draft;
    const input = { code: of.code, nameZh: nameZh.trim(), nameEn: nameEn.trim() || nameZh.trim(), position, ...(takesDecisions && { decisions }) };
    if (!(await submit({ input }))) return;
    notify(t.saved);
    onDone();
  };
  return (
    <Form problem={problem} fields={DRAFT_FIELDS} send={send} label={t.save} isRunning={isRunning}>
      <p className="muted"><span className="mono">{of.code}</span> · {t.keepsName}</p>
      <DraftFields draft={draft} onChange={setDraft} takesDecisions={takesDecisions} problem={problem} />
    </Form>
  );
}

const DRAFT_FIELDS = ['nameZh', 'nameEn', 'decisions', 'position'] as const;

interface FieldsProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly takesDecisions: boolean;
  readonly problem: Parameters<typeof besides>[0];
}

function DraftFields({ draft, onChange, takesDecisions, problem }: FieldsProps) {
  const t = useMessages(messages);
  return (
    <>
      <Field name="nameZh" problem={problem} label={t.nameZh}>
        <Input required maxLength={64} lang="zh-CN" value={draft.nameZh} onChange={event => onChange({ ...draft, nameZh: event.target.value })} />
      </Field>
      <Field name="nameEn" problem={problem} label={t.nameEn} hint={t.nameEnHint}>
        <Input maxLength={64} lang="en" value={draft.nameEn} onChange={event => onChange({ ...draft, nameEn: event.target.value })} />
      </Field>
      {takesDecisions && (
        <Field name="decisions" problem={problem} label={t.decisions} hint={t.reasonDecisionsHint} isGroup>
          <DecisionChoice value={draft.decisions} onChange={decisions => onChange({ ...draft, decisions })} />
        </Field>
      )}
      <Field name="position" problem={problem} label={t.position} hint={t.positionHint}>
        <InputNumber min={0} max={9999} precision={0} value={draft.position} onChange={position => onChange({ ...draft, position: position ?? 0 })} />
      </Field>
    </>
  );
}
