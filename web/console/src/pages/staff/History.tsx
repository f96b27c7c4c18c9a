import { usePages } from '../../api/usePages';
import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import { useCeilingText } from './Ceiling';
import { HISTORY, type Event } from './documents';
import { kinds, messages } from './messages';
import { PermissionTags } from './Permissions';

export function History() {
  const t = useMessages(messages);
  const names = useMessages(kinds);
  const pages = usePages(HISTORY, { employeeId: null }, data => data.staffHistory);
  const columns: readonly Column<Event>[] = [
    { key: 'at', title: t.at, width: '120px', render: event => <Instant at={event.at} /> },
    { key: 'what', title: t.what, width: '150px', render: event => names[event.kind] },
    { key: 'subject', title: t.subject, width: '140px', render: event => event.subject },
    { key: 'details', title: t.details, wide: true, render: event => <Details of={event} /> },
    { key: 'who', title: t.who, width: '110px', wide: true, render: event => event.actor.name },
  ];
  return (
    <CursorTable
      label={t.history}
      pages={pages}
      columns={columns}
      rowKey={event => String(event.sequence)}
      empty={t.noHistory}
    />
  );
}

function Details({ of: { changed, granted, withdrawn, before, after } }: { of: Event }) {
  const t = useMessages(messages);
  const ceilingText = useCeilingText();
  return (
    <>
      {changed.includes('NAME') && before.name && <p>{t.name}: {before.name} → {after.name}</p>}
      {changed.includes('ROLES') && <p>{t.roles}: {(before.roles ?? []).join(', ') || '–'} → {(after.roles ?? []).join(', ') || '–'}</p>}
      {changed.includes('REFUND_CEILING') && <p>{t.ceilingChange(ceilingText(before.refundCeiling), ceilingText(after.refundCeiling))}</p>}
      {granted.length > 0 && <p className="row wrap"><span className="muted">{t.gains}</span> <PermissionTags of={granted} tone="green" /></p>}
      {withdrawn.length > 0 && <p className="row wrap"><span className="muted">{t.loses}</span> <PermissionTags of={withdrawn} tone="red" /></p>}
    </>
  );
}
