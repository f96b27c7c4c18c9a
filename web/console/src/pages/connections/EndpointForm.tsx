// What an endpoint is told: its address, its events, and what its messages hold.
import { useState } from 'react';

import { Button, Input, Select } from 'antd';

import type { Permission, ServiceOrderEventKind } from '../../api/graphql/graphql';
import type { Problem as ProblemOf } from '../../api/problem';
import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { Secret } from '../../components/Secret';
import { useMessages } from '../../i18n/messages';
import { eventKinds } from '../../i18n/terms';
import { notify } from '../../shell/notices';
import { CREATE_ENDPOINT, UPDATE_ENDPOINT, type Endpoint } from './documents';
import { messages } from './messages';
import { Scopes } from './Scopes';

interface Settings {
  readonly url: string;
  readonly description: string;
  /** Empty for all. */
  readonly kinds: readonly ServiceOrderEventKind[];
  readonly selection: string;
  readonly scopes: readonly Permission[];
}
const FIELDS = ['url', 'description', 'kinds', 'selection'] as const;

export function NewEndpoint({ onDone }: { onDone: () => void }) {
  const t = useMessages(messages);
  const [settings, setSettings] = useState<Settings>({ url: '', description: '', kinds: [], selection: '', scopes: [] });
  const { submit, problem, isRunning, payload } = useSubmit(CREATE_ENDPOINT);
  if (payload?.secret) {
    return (
      <div className="form">
        <Secret label={t.secret} text={payload.secret} />
        <Button type="primary" onClick={onDone}>{t.kept}</Button>
      </div>
    );
  }
  return <SettingsForm value={settings} onChange={setSettings} problem={problem} isRunning={isRunning} label={t.create} onSend={() => void submit({ input: inputOf(settings) })} />;
}

export function PresentEndpoint({ endpoint }: { endpoint: Endpoint }) {
  const t = useMessages(messages);
  const { id, version, url, description, kinds, selection, scopes } = endpoint;
  const [settings, setSettings] = useState<Settings>({ url, description: description ?? '', kinds: kinds ?? [], selection: selection ?? '', scopes });
  const { submit, problem, isRunning } = useSubmit(UPDATE_ENDPOINT);
  const send = async () => {
    if (await submit({ input: { id, expectedVersion: version, ...inputOf(settings) } })) notify(t.saved);
  };
  return <SettingsForm value={settings} onChange={setSettings} problem={problem} isRunning={isRunning} label={t.save} onSend={() => void send()} />;
}

function inputOf({ url, description, kinds, selection, scopes }: Settings) {
  return { url: url.trim(), description: description.trim() || null, kinds: kinds.length ? [...kinds] : null, selection: selection.trim() || null, scopes: [...scopes] };
}

interface FormProps {
  readonly value: Settings;
  readonly onChange: (value: Settings) => void;
  readonly problem: ProblemOf | null;
  readonly isRunning: boolean;
  readonly label: string;
  readonly onSend: () => void;
}

function SettingsForm({ value, onChange, problem, isRunning, label, onSend }: FormProps) {
  const t = useMessages(messages);
  const names = useMessages(eventKinds);
  const hasScopes = value.selection.trim() !== '';
  const set = (change: Partial<Settings>) => onChange({ ...value, ...change });
  return (
    <Form problem={problem} fields={[...FIELDS, ...(hasScopes ? ['scopes'] : [])]} send={onSend} label={label} isRunning={isRunning}>
      <Field name="url" problem={problem} label={t.url} hint={t.urlHint}>
        <Input required maxLength={2000} placeholder="https://" value={value.url} onChange={event => set({ url: event.target.value })} />
      </Field>
      <Field name="description" problem={problem} label={t.description}>
        <Input maxLength={200} value={value.description} onChange={event => set({ description: event.target.value })} />
      </Field>
      <Field name="kinds" problem={problem} label={t.kinds}>
        <Select<ServiceOrderEventKind[]>
          mode="multiple"
          allowClear
          maxTagCount={4}
          placeholder={t.allKinds}
          optionFilterProp="label"
          value={[...value.kinds]}
          onChange={kinds => set({ kinds })}
          options={(Object.keys(eventKinds) as ServiceOrderEventKind[]).map(kind => ({ value: kind, label: names[kind] }))}
        />
      </Field>
      <Field name="selection" problem={problem} label={t.selection} hint={t.selectionHint}>
        <Input.TextArea className="mono" rows={3} maxLength={4000} placeholder="query($id: ID!) { serviceOrder(id: $id) { number status } }" value={value.selection} onChange={event => set({ selection: event.target.value })} />
      </Field>
      {hasScopes && <Scopes giver="MERCHANT" value={value.scopes} onChange={scopes => set({ scopes })} problem={problem} />}
    </Form>
  );
}
