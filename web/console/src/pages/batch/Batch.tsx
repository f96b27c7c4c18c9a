// One decision on many orders: planned, looked at, carried out, and tried again for what is left.
import { useEffect, useRef, useState } from 'react';

import { Button, Spin } from 'antd';
import { useClient, useQuery } from 'urql';

import type { Decision } from '../../api/decisions';
import type { BatchDecisionInput } from '../../api/graphql/graphql';
import { failureOf, problemOf, type Problem as ProblemOf } from '../../api/problem';
import { newKey } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { decisions } from '../../i18n/terms';
import type { Row } from '../queue/documents';
import { CHOICES } from '../review/documents';
import { pathOf } from '../review/inputOf';
import { messages as reviewMessages } from '../review/messages';
import { Reasons } from '../review/Reasons';
import { CARRY_OUT, PLAN, type Result } from './documents';
import { messages } from './messages';
import { Results } from './Results';
import './batch.css';

type BatchDecision = Extract<Decision, 'APPROVE' | 'REJECT' | 'RECORD_GIVE_UP'>;

const MOST = 100;
const OFFERED: readonly BatchDecision[] = ['APPROVE', 'REJECT', 'RECORD_GIVE_UP'];

interface Props {
  readonly orders: readonly Row[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** What one request decides on. */
interface Part {
  readonly rows: readonly Row[];
  readonly token: string | null;
}

interface Plan {
  readonly parts: readonly Part[];
  readonly results: readonly Result[];
}

export default function Batch({ orders, onClose, onDone }: Props) {
  const t = useMessages(messages);
  const dialog = useRef<HTMLDialogElement>(null);
  // As they were chosen: what is decided meanwhile leaves the list behind, but not this batch.
  const [batch] = useState(() => orders.slice(0, MOST));
  const [isOver, setOver] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => {
    if (isOver) onDone();
    onClose();
  };
  return (
    <dialog ref={dialog} className="sheet batch" aria-label={t.title(batch.length)} onClose={close}>
      <div className="sheet-body batch-body">
        <div className="row">
          <h2 className="grow">{t.title(batch.length)}</h2>
          <button type="button" className="icon-button" aria-label={t.close} onClick={() => dialog.current?.close()}>×</button>
        </div>
        {orders.length > MOST && <p className="muted">{t.tooMany}</p>}
        <Work batch={batch} orders={orders} onOver={() => setOver(true)} />
      </div>
    </dialog>
  );
}

function Work({ batch, orders, onOver }: { batch: readonly Row[]; orders: readonly Row[]; onOver: () => void }) {
  const t = useMessages(messages);
  const client = useClient();
  const [decision, setDecision] = useState<BatchDecision>('APPROVE');
  const [reason, setReason] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const [isAtomic, setAtomic] = useState(false);
  const [plan, setPlan] = useState<Plan | null>(null);
  const [results, setResults] = useState<readonly Result[] | null>(null);
  const [isPlanning, setPlanning] = useState(false);
  const [planProblem, setPlanProblem] = useState<ProblemOf | null>(null);
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<ProblemOf | null>(null);

  const isComplete = decision === 'APPROVE' || (note.trim() !== '' && (decision !== 'REJECT' || reason !== null));
  const isWhole = parted(batch, decision).length === 1;
  const input = inputOf(decision, reason, note.trim() || null);
  const at = pathOf(input);
  const makePlan = async () => {
    setPlanning(true);
    setPlanProblem(null);
    const parts: Part[] = [];
    const planned: Result[] = [];
    for (const rows of parted(batch, decision)) {
      const { data, error } = await client
        .query(PLAN, { input: { ids: idsOf(rows), decision: input, expectedVersions: versionsOf(rows) } }, { requestPolicy: 'network-only' })
        .toPromise();
      const answer = data?.reviewPlan;
      if (!answer || answer.refusals.length) {
        setPlanProblem(error && !answer ? problemOf(error) : { refusals: answer?.refusals ?? [], failure: null });
        setPlanning(false);
        return;
      }
      parts.push({ rows, token: answer.planToken });
      planned.push(...answer.results);
    }
    setPlanning(false);
    setPlan({ parts, results: planned });
  };
  const carryOut = async (parts: readonly Part[]) => {
    setRunning(true);
    setProblem(null);
    let told = results ?? plan?.results.map(undone) ?? [];
    for (const { rows, token } of parts) {
      const { data, error } = await client
        .mutation(CARRY_OUT, {
          input: {
            ids: idsOf(rows),
            decision: input,
            atomic: isAtomic && parts.length === 1,
            planToken: token,
            idempotencyKey: newKey(),
            ...(!token && { expectedVersions: versionsOf(rows) }),
          },
        })
        .toPromise();
      const answer = data?.reviewServiceOrders;
      if (!answer) {
        setProblem(error ? { refusals: [], failure: failureOf(error) } : null);
        break;
      }
      onOver();
      // What was refused as a whole, such as a plan that no longer holds, was refused for each of it.
      const refused = new Set(answer.refusals.length ? idsOf(rows) : []);
      told = merged(told, answer.results).map(result =>
        refused.has(result.serviceOrder?.id ?? '') ? { ...result, refusals: answer.refusals } : result,
      );
      setResults(told);
    }
    setRunning(false);
  };

  if (results) {
    const left = results.filter(({ done, replayed }) => !done && !replayed);
    // As they are now, by the live updates.
    const waiting = new Map(orders.filter(({ status }) => status === 'PENDING_REVIEW').map(row => [row.id, row]));
    const again = left.flatMap(({ serviceOrder }) => waiting.get(serviceOrder?.id ?? '') ?? []);
    return (
      <>
        <p role="status"><strong>{t.result(results.length - left.length, left.length)}</strong></p>
        <Results results={results} isPlan={false} />
        <Problem of={problem} />
        {isRunning && <Spin />}
        {!isRunning && again.length > 0 && <Button onClick={() => void carryOut(parted(again, decision).map(rows => ({ rows, token: null })))}>{t.retry(again.length)}</Button>}
      </>
    );
  }
  if (plan) {
    const possible = plan.results.filter(({ done, refusals }) => done || !refusals.length);
    return (
      <>
        <p role="status"><strong>{t.planned(possible.length, plan.results.length - possible.length)}</strong></p>
        <Results results={plan.results} isPlan />
        <Problem of={problem} />
        <div className="row">
          <Button type="primary" autoFocus loading={isRunning} disabled={!possible.length || (isAtomic && isWhole && possible.length < plan.results.length)} onClick={() => void carryOut(plan.parts)}>
            {t.carryOut(possible.length)}
          </Button>
          <Button onClick={() => setPlan(null)}>{t.change}</Button>
        </div>
      </>
    );
  }
  return (
    <form
      className="form"
      onSubmit={event => {
        event.preventDefault();
        if (isComplete) void makePlan();
      }}
    >
      <Choice decision={decision} onDecision={chosen => { setDecision(chosen); setReason(null); }} reason={reason} onReason={setReason} note={note} onNote={setNote} at={at} problem={planProblem} />
      {isWhole && <label><input type="checkbox" checked={isAtomic} onChange={event => setAtomic(event.target.checked)} /> {t.atomic}</label>}
      <Problem of={besides(planProblem, `${at}.reason`, `${at}.customerNote`)} onRetry={() => void makePlan()} />
      <div className="row wrap">
        <Button type="primary" htmlType="submit" loading={isPlanning} disabled={!isComplete}>{t.plan}</Button>
        <span className="muted">{t.planHint}</span>
      </div>
    </form>
  );
}

interface ChoiceProps {
  readonly decision: BatchDecision;
  readonly onDecision: (decision: BatchDecision) => void;
  readonly reason: string | null;
  readonly onReason: (code: string | null) => void;
  readonly note: string;
  readonly onNote: (note: string) => void;
  /** The path of the outcome in the input. */
  readonly at: string;
  readonly problem: ProblemOf | null;
}

function Choice({ decision, onDecision, reason, onReason, note, onNote, at, problem }: ChoiceProps) {
  const t = useMessages(reviewMessages);
  const names = useMessages(decisions);
  const [{ data }] = useQuery({ query: CHOICES, requestPolicy: 'cache-first' });
  return (
    <>
      <div className="row" role="radiogroup" aria-label={t.decision}>
        {OFFERED.map(each => (
          <button key={each} type="button" role="radio" className="chip" aria-checked={each === decision} onClick={() => onDecision(each)}>{names[each]}</button>
        ))}
      </div>
      <Reasons reasons={data?.reasons ?? []} decision={decision} value={reason} isMissing={false} name={`${at}.reason`} problem={problem} onChange={onReason} />
      <Field name={`${at}.customerNote`} problem={problem} label={t.note}>
        <textarea className="input textarea" rows={2} maxLength={500} value={note} onChange={event => onNote(event.target.value)} />
      </Field>
    </>
  );
}

/** An approval names one return address: the server takes the orders of one application together. */
function parted(rows: readonly Row[], decision: BatchDecision): readonly (readonly Row[])[] {
  if (decision !== 'APPROVE') return rows.length ? [rows] : [];
  const parts = new Map<string, Row[]>();
  rows.forEach(row => parts.set(row.application.id, [...(parts.get(row.application.id) ?? []), row]));
  return [...parts.values()];
}

function merged(known: readonly Result[], fresh: readonly Result[]): readonly Result[] {
  const byOrder = new Map(fresh.map(result => [result.serviceOrder?.id, result]));
  return known.map(result => byOrder.get(result.serviceOrder?.id) ?? result);
}

/** What was planned, and has not been carried out yet. */
function undone(result: Result): Result {
  return { ...result, done: false };
}

const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id);
const versionsOf = (rows: readonly Row[]) => rows.map(({ id, version }) => ({ id, version }));

function inputOf(decision: BatchDecision, reason: string | null, customerNote: string | null): BatchDecisionInput {
  if (decision === 'APPROVE') return { approve: { reason, customerNote } };
  if (decision === 'REJECT') return { reject: { reason: reason ?? '', customerNote } };
  return { recordGiveUp: { reason, customerNote } };
}
