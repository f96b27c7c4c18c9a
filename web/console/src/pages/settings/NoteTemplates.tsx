// The templates of notes to the customer.
import { useState } from 'react';

import { Button } from 'antd';
import { useQuery } from 'urql';

import { CursorTable, type Column } from '../../components/CursorTable';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { useMessages } from '../../i18n/messages';
import { decisions } from '../../i18n/terms';
import { TEMPLATES, type Template } from './documents';
import { messages } from './messages';
import { TemplateDrawer } from './TemplateDrawer';

export function NoteTemplates() {
  const t = useMessages(messages);
  const names: Readonly<Record<string, string>> = useMessages(decisions);
  const [result, refresh] = useQuery({ query: TEMPLATES });
  const [opened, setOpened] = useState<string | null>(null);
  const columns: readonly Column<Template>[] = [
    { key: 'name', title: t.name, width: '160px', render: row => <button type="button" className="link" onClick={() => setOpened(row.id)}>{row.name}</button> },
    { key: 'text', title: t.text, render: row => row.textZh },
    { key: 'decisions', title: t.decisions, width: '180px', wide: true, render: row => row.decisions.map(decision => names[decision]).join(' · ') || t.allDecisions },
    { key: 'at', title: t.changedAt, width: '120px', wide: true, render: row => <Instant at={row.updatedAt} form="day" /> },
  ];
  return (
    <section className="card">
      <div className="card-head">
        <h2>{t.templates}</h2>
        <p className="muted grow">{t.templatesHint}</p>
        <Button type="primary" onClick={() => setOpened('new')}>{t.addTemplate}</Button>
      </div>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ noteTemplates }) => (
          <>
            <CursorTable label={t.templates} rows={noteTemplates ?? []} columns={columns} rowKey={row => row.id} empty={t.noTemplates} />
            <TemplateDrawer of={opened === 'new' ? 'new' : (noteTemplates?.find(({ id }) => id === opened) ?? null)} onOpen={setOpened} onClose={() => setOpened(null)} />
          </>
        )}
      </Loaded>
    </section>
  );
}
