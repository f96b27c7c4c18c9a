// The note that a saved template makes for an order.
import { useState } from 'react';

import { Segmented } from 'antd';
import { useQuery } from 'urql';

import { DECISIONS, type Decision } from '../../api/decisions';
import type { NoteLanguage } from '../../api/graphql/graphql';
import { useViewer } from '../../api/viewer';
import { Field } from '../../components/Field';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { decisions } from '../../i18n/terms';
import { RENDER } from '../review/documents';
import type { Template } from './documents';
import { messages } from './messages';
import { OrderToTry, type TriedOrder } from './OrderToTry';

export function TemplatePreview({ of }: { of: Template }) {
  const t = useMessages(messages);
  const names = useMessages(decisions);
  const viewer = useViewer();
  const offered = DECISIONS.filter(decision => !of.decisions.length || of.decisions.includes(decision));
  const [order, setOrder] = useState<TriedOrder | null>(null);
  const [decision, setDecision] = useState<Decision>(offered[0] ?? 'APPROVE');
  const [noteLanguage, setLanguage] = useState<NoteLanguage>('ZH');
  return (
    <section className="drawer-steps" aria-label={t.preview}>
      <h3>{t.preview}</h3>
      {viewer.may('REVIEW') && viewer.may('SERVICE_ORDER_READ') ? (
        <>
          <Field label={t.order} isGroup><OrderToTry value={order} onChange={setOrder} /></Field>
          <div className="row wrap">
            <Segmented<Decision> size="small" aria-label={t.decisions} value={decision} onChange={setDecision} options={offered.map(value => ({ value, label: names[value] }))} />
            {of.textEn !== null && <Segmented<NoteLanguage> size="small" aria-label={t.language} value={noteLanguage} onChange={setLanguage} options={[{ value: 'ZH', label: '中文' }, { value: 'EN', label: 'English' }]} />}
          </div>
          {order && <Note id={of.id} serviceOrderId={order.id} decision={decision} noteLanguage={noteLanguage} />}
        </>
      ) : <p className="muted">{t.tryNeedsReview}</p>}
    </section>
  );
}

function Note(variables: { id: string; serviceOrderId: string; decision: Decision; noteLanguage: NoteLanguage }) {
  const [result, refresh] = useQuery({ query: RENDER, variables: { ...variables, returnAddressId: null }, requestPolicy: 'network-only' });
  return (
    <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
      {({ renderNoteTemplate: note }) =>
        note && (
          <>
            {note.text && <blockquote role="status" className="note-preview">{note.text}</blockquote>}
            <Problem of={note.refusals.length ? { refusals: note.refusals, failure: null } : null} />
          </>
        )
      }
    </Loaded>
  );
}
