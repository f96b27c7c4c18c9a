// The form of a decision: five outcomes, and what each of them needs.
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';

import { Button } from 'antd';
import { useClient, useQuery } from 'urql';

import { DECISIONS, type Decision } from '../../api/decisions';
import type { Problem as ProblemOf } from '../../api/problem';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field, Refusals } from '../../components/Field';
import { sending } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { WhyNot } from '../../components/WhyNot';
import { languageStore } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { decisions } from '../../i18n/terms';
import { useStore } from '../../api/store';
import { notify } from '../../shell/notices';
import type { Order } from '../order/documents';
import { ADDRESSES, CHOICES, RENDER, REVIEW } from './documents';
import { useDraft, type Change, type Draft } from './drafts';
import { Evidence } from './Evidence';
import { inputOf, lacks, pathOf } from './inputOf';
import { messages } from './messages';
import { Reasons } from './Reasons';
import { Refused } from './Refused';
import './review.css';

/** What a refusal may name, below the path of the outcome. */
const FIELDS = ['reason', 'customerNote', 'question', 'goods', 'carrier', 'waybill', 'returnAddressId'] as const;

interface Props {
  readonly order: Order;
  /** The decision whose key was pressed. */
  readonly initial: Decision | null;
  readonly onDone: () => void;
}

export function ReviewForm({ order, initial, onDone }: Props) {
  const t = useMessages(messages);
  const names = useMessages(decisions);
  const [draft, change, drop] = useDraft(order.id, order.item.name);
  const [choices] = useQuery({ query: CHOICES, requestPolicy: 'cache-first' });
  const { submit, isRunning, problem, clear } = useSubmit(REVIEW, { keyed: true });
  const [isChecked, setChecked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  const choose = (decision: Decision) => {
    clear();
    setChecked(false);
    // A reason of one decision may not be one of another.
    change(known => ({ decision, reason: known.decision === decision ? known.reason : null }));
  };
  const isReady = Boolean(choices.data);
  useEffect(() => {
    if (!initial || !isReady) return;
    choose(initial);
    // Where nothing is missing, the next key sends it.
    const focus = initial === 'APPROVE' ? button.current : null;
    requestAnimationFrame(() => (focus ?? form.current?.querySelector<HTMLElement>('[data-first]') ?? button.current)?.focus());
    // Only when a key is pressed: `choose` is another function each time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [initial, order.id, isReady]);

  const verdict = order.actions.find(({ action }) => action === draft.decision);
  const missing = lacks(draft);
  const isUploading = draft.evidence.some(({ state }) => state === 'uploading');
  const send = async () => {
    setChecked(true);
    if (missing.length || isUploading || isRunning) {
      form.current?.querySelector<HTMLElement>('[aria-invalid=true], [data-first]')?.focus();
      return;
    }
    const evidenceIds = draft.evidence.flatMap(({ id }) => id ?? []);
    const payload = await submit({ input: { id: order.id, decision: inputOf(draft), evidenceIds, expectedVersion: order.version } });
    if (payload) {
      drop();
      notify(t.done(names[draft.decision], order.number));
      onDone();
    }
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    }
  };

  // Decided meanwhile: by whom and when stays to be read, the order beside it is as it is now.
  if (order.status !== 'PENDING_REVIEW') return problem && <Refused refusals={problem.refusals} />;
  const at = pathOf(inputOf(draft));
  const rest = besides(problem, ...FIELDS.map(name => `${at}.${name}`));
  return (
    <form ref={form} className="review-form" aria-label={t.decision} onKeyDown={press} onSubmit={sending(send)}>
      <div className="outcomes" role="radiogroup" aria-label={t.decision}>
        {DECISIONS.map((decision, index) => {
          const blockers = order.actions.find(({ action }) => action === decision)?.blockers ?? [];
          return (
            <WhyNot key={decision} reasons={blockers}>
              <button
                type="button"
                role="radio"
                aria-checked={draft.decision === decision}
                className={`outcome outcome-${decision}`}
                disabled={blockers.length > 0}
                onClick={() => choose(decision)}
              >
                <kbd>{index + 1}</kbd>
                {names[decision]}
              </button>
            </WhyNot>
          );
        })}
      </div>
      <Fields order={order} draft={draft} change={change} missing={isChecked ? missing : []} at={at} problem={problem} choices={choices.data} />
      {choices.data && draft.decision !== 'REQUEST_FEEDBACK' && <Evidence draft={draft} change={change} rules={choices.data.evidenceRules} />}
      {rest?.refusals.length ? <Refused refusals={rest.refusals} /> : <Problem of={rest} onRetry={() => void send()} />}
      <Button ref={button} type="primary" htmlType="submit" block loading={isRunning} disabled={verdict?.allowed === false || isUploading}>
        {t.send(names[draft.decision])}
      </Button>
    </form>
  );
}

interface FieldsProps {
  readonly order: Order;
  readonly draft: Draft;
  readonly change: (change: Change) => void;
  readonly missing: readonly string[];
  /** The path of the outcome in the input. */
  readonly at: string;
  readonly problem: ProblemOf | null;
  readonly choices: Choices | undefined;
}
type Choices = NonNullable<ReturnType<typeof useChoices>>;

function useChoices() {
  return useQuery({ query: CHOICES, pause: true })[0].data;
}

function Fields({ order, draft, change, missing, at, problem, choices }: FieldsProps) {
  const t = useMessages(messages);
  const isQuestion = draft.decision === 'REQUEST_FEEDBACK';
  const isMissing = missing.includes('note');
  return (
    <>
      {draft.decision === 'RESEND' && <Shipment draft={draft} change={change} missing={missing} at={at} problem={problem} />}
      <Reasons
        reasons={choices?.reasons ?? []}
        decision={draft.decision}
        value={draft.reason}
        isMissing={missing.includes('reason')}
        name={`${at}.reason`}
        problem={problem}
        onChange={reason => change({ reason })}
      />
      {draft.decision === 'APPROVE' && <Address draft={draft} change={change} at={at} problem={problem} />}
      <div className="field">
        <div className="row">
          <label className="grow muted" htmlFor={`note-${order.id}`}>{isQuestion ? t.question : t.note}</label>
          <Templates order={order} draft={draft} change={change} templates={choices?.noteTemplates ?? []} />
        </div>
        <textarea
          id={`note-${order.id}`}
          className="input textarea"
          rows={isQuestion ? 3 : 2}
          maxLength={500}
          value={draft.note}
          aria-invalid={isMissing}
          data-first={isQuestion || draft.decision === 'RECORD_GIVE_UP' || undefined}
          onChange={event => change({ note: event.target.value })}
        />
        {isMissing && <span className="danger">{t.missing}</span>}
        <Refusals name={[`${at}.customerNote`, `${at}.question`]} problem={problem} />
      </div>
    </>
  );
}

function Shipment({ draft, change, missing, at, problem }: Pick<FieldsProps, 'draft' | 'change' | 'missing' | 'at' | 'problem'>) {
  const t = useMessages(messages);
  return (
    <>
      <Field name={`${at}.goods`} problem={problem} label={t.newGoods}>
        <input className="input" data-first value={draft.goods} maxLength={200} aria-invalid={missing.includes('newGoods')} onChange={event => change({ goods: event.target.value })} />
      </Field>
      <div className="review-shipment">
        <Field name={`${at}.carrier`} problem={problem} label={t.carrier}>
          <input className="input" value={draft.carrier} maxLength={64} disabled={draft.isLater} onChange={event => change({ carrier: event.target.value })} />
        </Field>
        <Field name={`${at}.waybill`} problem={problem} label={t.waybill}>
          <input className="input" value={draft.waybill} maxLength={64} disabled={draft.isLater} aria-invalid={missing.includes('waybill')} onChange={event => change({ waybill: event.target.value })} />
        </Field>
      </div>
      <label>
        <input type="checkbox" checked={draft.isLater} onChange={event => change({ isLater: event.target.checked })} /> {t.later}
      </label>
      {missing.includes('waybill') && <span className="danger">{t.missing}</span>}
    </>
  );
}

function Address({ draft, change, at, problem }: Pick<FieldsProps, 'draft' | 'change' | 'at' | 'problem'>) {
  const t = useMessages(messages);
  const [{ data }] = useQuery({ query: ADDRESSES, requestPolicy: 'cache-first' });
  return (
    <Field name={`${at}.returnAddressId`} problem={problem} label={t.address}>
      <select className="select" value={draft.returnAddressId ?? ''} onChange={event => change({ returnAddressId: event.target.value || null })}>
        <option value="">{t.byRules}</option>
        {data?.returnAddresses?.map(({ id, contact, region, detail }) => <option key={id} value={id}>{contact} · {region} {detail}</option>)}
      </select>
    </Field>
  );
}

interface TemplatesProps {
  readonly order: Order;
  readonly draft: Draft;
  readonly change: (change: Change) => void;
  readonly templates: NonNullable<Choices['noteTemplates']>;
}

function Templates({ order, draft, change, templates }: TemplatesProps) {
  const t = useMessages(messages);
  const client = useClient();
  const language = useStore(languageStore);
  const fitting = templates.filter(({ decisions: of }) => !of.length || of.includes(draft.decision));
  if (!fitting.length) return null;
  const insert = async (id: string) => {
    const hasEnglish = fitting.find(template => template.id === id)?.textEn;
    const { data } = await client
      .query(RENDER, {
        id,
        serviceOrderId: order.id,
        decision: draft.decision,
        noteLanguage: language === 'en' && hasEnglish ? 'EN' : 'ZH',
        returnAddressId: draft.decision === 'APPROVE' ? draft.returnAddressId : null,
      })
      .toPromise();
    const { text, refusals } = data?.renderNoteTemplate ?? { text: null, refusals: [] };
    if (text) change(({ note }) => ({ note: note.trim() ? `${note.trimEnd()}\n${text}` : text }));
    else if (refusals[0]) notify(refusals[0].message);
  };
  return (
    <select className="select" aria-label={t.template} value="" onChange={event => event.target.value && void insert(event.target.value)}>
      <option value="">{t.template}</option>
      {fitting.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
    </select>
  );
}
