// Asks for an export: of which orders, with which columns, in which format.
import { useState } from 'react';

import { Alert, Modal, Radio } from 'antd';
import { useQuery } from 'urql';

import type { ExportColumn, ExportFormat, ServiceOrderFilter } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { ColumnChoice } from './ColumnChoice';
import { ALL, hasContacts, USUAL } from './columns';
import { EXPORT, MATCHES } from './documents';
import { formats, messages } from './messages';
import { FilterChoice } from './FilterChoice';
import './exports.css';

/** Beyond it, the server counts no further. */
const COUNTED = 10_000;

interface Props {
  /** The filter of the desk; without one, a person chooses the orders here. */
  readonly filter?: ServiceOrderFilter;
  readonly onStarted: () => void;
  readonly onClose: () => void;
}

export default function NewExport({ filter, onStarted, onClose }: Props) {
  const t = useMessages(messages);
  return (
    <Modal open title={t.add} footer={null} onCancel={onClose} width={640} closable={{ 'aria-label': t.close }}>
      <ExportForm {...(filter && { filter })} onStarted={onStarted} />
    </Modal>
  );
}

function ExportForm({ filter, onStarted }: Omit<Props, 'onClose'>) {
  const t = useMessages(messages);
  const formatNames = useMessages(formats);
  const [chosen, setChosen] = useState<ServiceOrderFilter>(filter ?? {});
  const [columns, setColumns] = useState<readonly ExportColumn[]>(USUAL);
  const [format, setFormat] = useState<ExportFormat>('XLSX');
  const { submit, problem, isRunning } = useSubmit(EXPORT, { keyed: true });
  const send = async () => {
    if (!columns.length || !(await submit({ input: { filter: chosen, columns: [...columns], format } }))) return;
    notify(t.started);
    onStarted();
  };
  return (
    <Form problem={problem} fields={['format', ...(filter ? [] : ['filter'])]} send={send} label={t.start} isIncomplete={!columns.length} isRunning={isRunning}>
      {filter ? <p>{t.fromDesk}</p> : <FilterChoice value={chosen} onChange={setChosen} problem={problem} />}
      <Matches filter={chosen} />
      <Field label={t.format} name="format" problem={problem} isGroup>
        <Radio.Group value={format} onChange={event => setFormat(event.target.value as ExportFormat)} options={(Object.keys(formats) as ExportFormat[]).map(value => ({ value, label: formatNames[value] }))} />
      </Field>
      <details className="export-columns">
        <summary>{t.columns(columns.length, ALL.length)}</summary>
        <ColumnChoice value={columns} onChange={setColumns} />
      </details>
      {hasContacts(columns) && <Contacts />}
      {!columns.length && <p className="danger" role="alert">{t.noColumns}</p>}
    </Form>
  );
}

function Matches({ filter }: { filter: ServiceOrderFilter }) {
  const t = useMessages(messages);
  const [{ data }] = useQuery({ query: MATCHES, variables: { filter }, requestPolicy: 'network-only' });
  const count = data?.serviceOrders?.totalCount;
  return <p className="muted" role="status">{count === undefined ? '…' : count >= COUNTED ? t.manyMatch(count) : t.matches(count)}</p>;
}

function Contacts() {
  const t = useMessages(messages);
  const reveals = useViewer().may('CUSTOMER_CONTACT_READ');
  return <Alert type={reveals ? 'warning' : 'info'} showIcon title={reveals ? t.revealed : t.masked} />;
}
