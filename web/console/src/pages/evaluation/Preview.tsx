import { useState } from 'react';

import { Button, Input, Popconfirm } from 'antd';
import { useQuery } from 'urql';

import type { EvaluationMovement } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { CursorTable, type Column } from '../../components/CursorTable';
import { sending } from '../../components/Form';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { Chart } from '../quality/Chart';
import type { Line } from './Draft';
import { PREVIEW, PUBLISH, type Preview } from './documents';
import { messages, movements } from './messages';

const TONES: Readonly<Record<EvaluationMovement, string>> = {
  RISES: 'green',
  FALLS: 'red',
  STAYS: 'grey',
  GAINS_SCORE: 'blue',
  LOSES_SCORE: 'amber',
  HAS_NONE: 'grey',
};

interface Props {
  readonly lines: readonly Line[];
  readonly months: readonly string[];
  /** Whether the draft is another one by now. */
  readonly isStale: boolean;
  readonly onPublished: () => void;
}

export function PreviewOf({ lines, months, isStale, onPublished }: Props) {
  const t = useMessages(messages);
  const [after, setAfter] = useState<string | null>(null);
  const [result, refresh] = useQuery({ query: PREVIEW, variables: { plan: { criteria: lines }, months, afterMerchant: after }, requestPolicy: 'network-only' });
  return (
    <section className="card">
      <h2>{t.preview}</h2>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ evaluationPreview: of }) =>
          of && (
            <>
              <Movements of={of} months={months} onMore={setAfter} />
              <div className="card-body">
                {isStale ? <p className="muted" role="status">{t.tryAgain}</p> : <Publication lines={lines} currentVersion={of.currentVersion} onPublished={onPublished} />}
              </div>
            </>
          )
        }
      </Loaded>
    </section>
  );
}

type Moved = Preview['merchants'][number];

function Movements({ of, months, onMore }: { of: Preview; months: readonly string[]; onMore: (after: string) => void }) {
  const t = useMessages(messages);
  const names = useMessages(movements);
  const columns: readonly Column<Moved>[] = [
    { key: 'merchant', title: t.merchant, render: row => row.merchant.name },
    { key: 'movement', title: t.movement, render: row => <Tag tone={TONES[row.movement]}>{names[row.movement]}</Tag> },
    { key: 'current', title: t.nowScore, align: 'right', wide: true, render: row => row.current?.toFixed(2) ?? '–' },
    { key: 'draft', title: t.draftScore, align: 'right', wide: true, render: row => row.draft?.toFixed(2) ?? '–' },
    { key: 'change', title: t.change, align: 'right', render: row => <strong>{signed(row.change)}</strong> },
    ...months.map((month, index) => ({
      key: month,
      title: month,
      align: 'right' as const,
      wide: true,
      render: (row: Moved) => <span className="nowrap">{row.months[index]?.current?.toFixed(2) ?? '–'} → {row.months[index]?.draft?.toFixed(2) ?? '–'}</span>,
    })),
  ];
  const last = of.merchants.at(-1);
  return (
    <>
      <p className="row wrap card-body" role="status">
        {of.movements.filter(({ merchants }) => merchants > 0).map(({ movement, merchants }) => <Tag key={movement} tone={TONES[movement]}>{names[movement]} {merchants}</Tag>)}
      </p>
      {of.merchants.length > 0 && (
        <Chart label={t.chart(t.change)} points={of.merchants.map(({ merchant, change }) => ({ label: merchant.name, value: change }))} isLine={false} format={signed} />
      )}
      <CursorTable label={t.preview} rows={of.merchants} columns={columns} rowKey={row => row.merchant.id} empty={t.noMerchants} />
      {of.hasMore && last && <p className="card-body"><Button size="small" onClick={() => onMore(last.merchant.id)}>{t.nextMerchants}</Button></p>}
    </>
  );
}

function signed(value: number | null): string {
  if (value === null) return '–';
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
}

function Publication({ lines, currentVersion, onPublished }: { lines: readonly Line[]; currentVersion: number; onPublished: () => void }) {
  const t = useMessages(messages);
  const [note, setNote] = useState('');
  const [isAsked, setAsked] = useState(false);
  const { submit, problem, isRunning } = useSubmit(PUBLISH);
  const send = async () => {
    setAsked(false);
    const payload = await submit({ input: { plan: { criteria: lines }, expectedVersion: currentVersion, note: note.trim() || null } });
    if (!payload?.evaluationPlan) return;
    notify(t.done(payload.evaluationPlan.version));
    onPublished();
  };
  return (
    <form className="form narrow-form" onSubmit={sending(() => setAsked(true))}>
      <Field name="note" problem={problem} label={t.note} hint={t.noteHint}>
        <Input maxLength={200} value={note} onChange={event => setNote(event.target.value)} />
      </Field>
      <Problem of={besides(problem, 'note')} onRetry={() => void send()} />
      <p className="muted">{t.publishHint}</p>
      <div className="row">
        <Popconfirm
          open={isAsked}
          trigger={[]}
          title={t.publishTitle}
          okText={t.publish}
          cancelText={t.cancel}
          onConfirm={() => void send()}
          onCancel={() => setAsked(false)}
          onOpenChange={isOpen => !isOpen && setAsked(false)}
        >
          <Button type="primary" htmlType="submit" loading={isRunning}>{t.publish}</Button>
        </Popconfirm>
      </div>
    </form>
  );
}
