// What was found in a parcel: a choice for each point, a remark where one is needed, pictures.
import { useState } from 'react';

import { Button, Input, InputNumber, Radio } from 'antd';
import { useQuery } from 'urql';

import type { AccessoriesFinding, AppearanceFinding, FunctionFinding, GoodsFinding, InvoiceFinding, PackingFinding } from '../../api/graphql/graphql';
import type { Problem as ProblemOf } from '../../api/problem';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field, Refusals } from '../../components/Field';
import { sending } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { accessories, appearances, functions, invoices, packings } from '../../i18n/inspection';
import { useMessages } from '../../i18n/messages';
import { goodsFindings } from '../../i18n/terms';
import { notify } from '../../shell/notices';
import type { StepProps } from '../order/steps';
import { useDraft } from '../review/drafts';
import { Evidence } from '../review/Evidence';
import { RECEIVE, RULES } from './documents';
import { messages } from './messages';
import '../review/review.css';
import './receiving.css';

interface Findings {
  readonly packing: PackingFinding;
  readonly function: FunctionFinding;
  readonly appearance: AppearanceFinding;
  readonly accessories: AccessoriesFinding;
  readonly invoice: InvoiceFinding;
  readonly goods: GoodsFinding;
}
type Point = keyof Findings;
const POINTS: readonly Point[] = ['packing', 'function', 'appearance', 'accessories', 'invoice', 'goods'];
const WELL: Findings = { packing: 'INTACT', function: 'WORKING', appearance: 'LIKE_NEW', accessories: 'COMPLETE', invoice: 'ENCLOSED', goods: 'AS_APPLIED' };

export default function ReceiptForm({ order, onDone }: StepProps) {
  const t = useMessages(messages);
  const [{ data }] = useQuery({ query: RULES });
  // Kept apart from the review's draft of the same order.
  const [draft, change, drop] = useDraft(`receipt:${order.id}`, '');
  const [found, setFound] = useState<Partial<Findings>>({});
  const [remarks, setRemarks] = useState<Partial<Record<Point, string>>>({});
  const [quantity, setQuantity] = useState<number | null>(order.item.quantity);
  const [isAsked, setAsked] = useState(false);
  const { submit, problem, isRunning } = useSubmit(RECEIVE, { keyed: true });
  const isUploading = draft.evidence.some(({ state }) => state === 'uploading');

  const send = async () => {
    setAsked(true);
    if (!isComplete(found) || quantity === null || isUploading) return;
    const point = <P extends Exclude<Point, 'goods'>>(name: P) => ({ finding: found[name], remark: remarks[name]?.trim() || null });
    const payload = await submit({
      input: {
        id: order.id,
        expectedVersion: order.version,
        packing: point('packing'),
        function: point('function'),
        appearance: point('appearance'),
        accessories: point('accessories'),
        invoice: point('invoice'),
        goods: found.goods,
        receivedQuantity: quantity,
        remark: draft.note.trim() || null,
        evidenceIds: draft.evidence.flatMap(({ id }) => id ?? []),
      },
    });
    if (!payload) return;
    drop();
    notify(t.done(order.number));
    onDone();
  };

  return (
    <form className="form receipt-form" onSubmit={sending(send)}>
      <div><Button size="small" onClick={() => setFound(WELL)}>{t.allWell}</Button></div>
      {POINTS.map(point => (
        <Finding
          key={point}
          point={point}
          value={found[point]}
          problem={problem}
          isMissing={isAsked && !found[point]}
          onChoose={value => setFound(known => ({ ...known, [point]: value }))}
          remark={remarks[point]}
          onRemark={text => setRemarks(known => ({ ...known, [point]: text }))}
        />
      ))}
      <Field name="receivedQuantity" problem={problem} label={t.quantity} hint={t.appliedFor(order.item.quantity)}>
        <InputNumber required min={0} max={9999} precision={0} value={quantity} onChange={setQuantity} />
      </Field>
      <Field name="remark" problem={problem} label={t.remark}>
        <Input.TextArea rows={2} maxLength={500} value={draft.note} onChange={event => change({ note: event.target.value })} />
      </Field>
      {data && <Evidence draft={draft} change={change} rules={data.evidenceRules} />}
      <Problem of={besides(problem, ...POINTS, 'receivedQuantity', 'remark')} onRetry={() => void send()} />
      {isAsked && !isComplete(found) && <p className="danger" role="alert">{t.missing}</p>}
      {isAsked && isUploading && <p className="muted" role="status">{t.uploading}</p>}
      <Button type="primary" htmlType="submit" loading={isRunning}>{t.register}</Button>
    </form>
  );
}

interface FindingProps {
  readonly point: Point;
  readonly value: string | undefined;
  readonly problem: ProblemOf | null;
  readonly isMissing: boolean;
  readonly onChoose: (value: string) => void;
  readonly remark: string | undefined;
  readonly onRemark: (text: string) => void;
}

function Finding({ point, value, problem, isMissing, onChoose, remark, onRemark }: FindingProps) {
  const t = useMessages(messages);
  const findings = {
    packing: useMessages(packings),
    function: useMessages(functions),
    appearance: useMessages(appearances),
    accessories: useMessages(accessories),
    invoice: useMessages(invoices),
    goods: useMessages(goodsFindings),
  }[point];
  const label = point === 'goods' ? t.matches : t[point];
  return (
    <fieldset className={isMissing ? 'finding is-missing' : 'finding'}>
      <legend>{label}</legend>
      <Radio.Group
        optionType="button"
        value={value}
        onChange={event => onChoose(event.target.value as string)}
        options={Object.entries(findings).map(([code, name]) => ({ value: code, label: name }))}
      />
      {point !== 'goods' && (remark === undefined ? (
        <button type="button" className="link" onClick={() => onRemark('')}>{t.addRemark}</button>
      ) : (
        <Input className="finding-remark" autoFocus maxLength={500} aria-label={`${label}: ${t.remark}`} placeholder={t.remark} value={remark} onChange={event => onRemark(event.target.value)} />
      ))}
      <Refusals name={point} problem={problem} />
    </fieldset>
  );
}

function isComplete(found: Partial<Findings>): found is Findings {
  return POINTS.every(point => found[point]);
}
