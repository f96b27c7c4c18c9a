// The orders that wait for a ruling of the platform, of all merchants.
import { Link } from 'react-router';

import { serverNow } from '../../api/serverTime';
import { useStore } from '../../api/store';
import { usePages } from '../../api/usePages';
import { durationText } from '../../components/Countdown';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Money } from '../../components/Money';
import { StatusTag } from '../../components/StatusTag';
import { languageStore } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { expectations } from '../../i18n/terms';
import { ESCALATIONS, type Escalation } from './documents';
import { messages } from './messages';

export default function Escalations() {
  const t = useMessages(messages);
  const wants = useMessages(expectations);
  const language = useStore(languageStore);
  const pages = usePages(ESCALATIONS, {}, data => data.serviceOrders);
  const columns: readonly Column<Escalation>[] = [
    { key: 'number', title: t.number, render: row => <Link className="mono" to={`/orders/${row.id}`}>{row.number}</Link> },
    { key: 'merchant', title: t.merchant, wide: true, render: row => row.merchant.name },
    { key: 'goods', title: t.goods, wide: true, render: row => row.item.name },
    { key: 'reason', title: t.reason, wide: true, render: row => `${wants[row.expectation]} · ${row.reason.name}` },
    { key: 'status', title: t.status, wide: true, render: row => <StatusTag of={row.status} /> },
    { key: 'paid', title: t.paid, align: 'right', wide: true, render: row => <Money of={row.item.paidAmount} /> },
    { key: 'since', title: t.since, wide: true, render: row => <Instant at={row.escalatedAt} /> },
    {
      key: 'waits',
      title: t.waits,
      align: 'right',
      render: row => <span className="nowrap">{row.escalatedAt && durationText((serverNow() - Date.parse(row.escalatedAt)) / 1000, language)}</span>,
    },
  ];
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t.title}</h1>
        {pages.totalCount !== undefined && <span className="muted" role="status">{t.wait(pages.totalCount)}</span>}
      </div>
      <p className="muted">{t.hint}</p>
      <section className="card">
        <CursorTable
          label={t.title}
          pages={pages}
          columns={columns}
          rowKey={row => row.id}
          empty={t.empty}
        />
      </section>
    </div>
  );
}
