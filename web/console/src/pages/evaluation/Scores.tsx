import { useState } from 'react';

import { DatePicker, Drawer } from 'antd';
import dayjs from 'dayjs';
import { useQuery } from 'urql';

import { usePages } from '../../api/usePages';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { Chart } from '../quality/Chart';
import type { Behind } from '../quality/figures';
import { OrdersBehind } from '../quality/OrdersBehind';
import { useToday } from '../quality/period';
import { Parts, SCORE } from '../quality/Score';
import { SCORES, type Score } from './documents';
import { messages } from './messages';

/** The final scores of a month, best first; each opens its parts. */
export function Scores() {
  const t = useMessages(messages);
  const today = useToday();
  const [month, setMonth] = useState(() => dayjs(today).subtract(1, 'month').format('YYYY-MM'));
  const [opened, setOpened] = useState<Score | null>(null);
  const pages = usePages(SCORES, { month }, data => data.qualityScores);
  const columns: readonly Column<Score>[] = [
    { key: 'rank', title: t.rank, width: '64px', align: 'right', render: row => (row.score === null ? '–' : pages.nodes.indexOf(row) + 1) },
    { key: 'merchant', title: t.merchant, render: row => <button type="button" className="link" onClick={() => setOpened(row)}>{row.merchant.name}</button> },
    { key: 'score', title: t.score, align: 'right', render: row => <strong>{row.score?.toFixed(2) ?? '–'}</strong> },
    { key: 'plan', title: t.plan, wide: true, render: row => (row.planVersion === null ? '–' : t.version(row.planVersion)) },
    { key: 'made', title: t.made, wide: true, render: row => <Instant at={row.madeAt} form="day" /> },
  ];
  const points = pages.nodes.map(({ merchant, score }) => ({ label: merchant.name, value: score }));
  return (
    <>
      <div className="row">
        <DatePicker picker="month" aria-label={t.month} allowClear={false} value={dayjs(`${month}-01`)} onChange={day => day && setMonth(day.format('YYYY-MM'))} />
        <span className="muted">{t.outOf}</span>
      </div>
      <section className="card evaluation-two">
        <div>
          <CursorTable
            label={t.scores}
            pages={pages}
            columns={columns}
            rowKey={row => row.merchant.id}
            empty={t.noScores}
          />
        </div>
        {points.length > 0 && <Chart label={t.chart(t.scores)} points={points} isLine={false} format={value => value?.toFixed(1) ?? '–'} />}
      </section>
      <Drawer open={opened !== null} onClose={() => setOpened(null)} size={980} destroyOnHidden closable={{ 'aria-label': t.close }} title={opened && t.scoreOf(opened.merchant.name, opened.month)}>
        {opened && <Explained merchantId={opened.merchant.id} month={opened.month} />}
      </Drawer>
    </>
  );
}

function Explained({ merchantId, month }: { merchantId: string; month: string }) {
  const [result, refresh] = useQuery({ query: SCORE, variables: { month, merchantId } });
  const [behind, setBehind] = useState<Behind | null>(null);
  return (
    <>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ qualityScore }) => qualityScore && <Parts of={qualityScore} onOpen={setBehind} />}
      </Loaded>
      <OrdersBehind of={behind} onClose={() => setBehind(null)} />
    </>
  );
}
