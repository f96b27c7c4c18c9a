import { useState } from 'react';

import { usePages } from '../../api/usePages';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { useFigureText } from '../quality/figures';
import { PLANS, type Criterion, type Plan } from './documents';
import { messages } from './messages';

/** All versions; the criteria of the one that is chosen, at first the current one. */
export function Plans() {
  const t = useMessages(messages);
  const pages = usePages(PLANS, {}, data => data.evaluationPlans);
  const [chosen, setChosen] = useState<number | null>(null);
  const current = pages.nodes[0];
  const shown = pages.nodes.find(({ version }) => version === chosen) ?? current;
  const columns: readonly Column<Plan>[] = [
    {
      key: 'version',
      title: t.plan,
      render: row => (
        <span className="row wrap">
          <button type="button" className="link" aria-pressed={row === shown} onClick={() => setChosen(row.version)}>{t.version(row.version)}</button>
          {row === current && <Tag tone="green">{t.current}</Tag>}
        </span>
      ),
    },
    { key: 'note', title: t.note, render: row => row.note ?? '–' },
    { key: 'criteria', title: t.criteria, align: 'right', wide: true, render: row => row.criteria.length },
    { key: 'by', title: t.by, wide: true, render: row => row.publishedBy.name },
    { key: 'at', title: t.published, render: row => <Instant at={row.publishedAt} form="day" /> },
  ];
  return (
    <>
      {shown && (
        <section className="card">
          <h2>{t.version(shown.version)}</h2>
          <Criteria of={shown.criteria} label={t.version(shown.version)} />
        </section>
      )}
      <section className="card">
        <h2>{t.versions}</h2>
        <CursorTable
          label={t.versions}
          pages={pages}
          columns={columns}
          rowKey={row => String(row.version)}
          empty={t.noPlan}
        />
      </section>
    </>
  );
}

function Criteria({ of, label }: { of: readonly Criterion[]; label: string }) {
  const t = useMessages(messages);
  const figureText = useFigureText();
  const sum = of.reduce((total, { weight }) => total + weight, 0);
  const columns: readonly Column<Criterion>[] = [
    { key: 'figure', title: t.figure, render: row => row.name },
    { key: 'target', title: t.target, align: 'right', render: row => figureText(row.target, row.unit) },
    { key: 'floor', title: t.floor, align: 'right', render: row => figureText(row.floor, row.unit) },
    { key: 'weight', title: t.weight, align: 'right', wide: true, render: row => row.weight },
    { key: 'share', title: t.share, align: 'right', render: row => figureText(row.weight / sum, 'PART') },
    { key: 'minimum', title: t.minimum, align: 'right', wide: true, render: row => row.minimum },
  ];
  return <CursorTable label={label} rows={of} columns={columns} rowKey={row => row.metric} />;
}
