// The provider of single sign-on for all people of the merchant, or of the platform.
import { useState } from 'react';

import { Button, Checkbox, Input, Popconfirm, Select } from 'antd';
import { useQuery } from 'urql';

import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { sending } from '../../components/Form';
import { Instant } from '../../components/Instant';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { PROVIDER, REMOVE_PROVIDER, SET_PROVIDER, type Provider as Of } from './documents';
import { redirectUri } from './linking';
import { messages } from './messages';

export function Provider() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: PROVIDER });
  const renew = () => refresh({ requestPolicy: 'network-only' });
  return (
    <section className="card">
      <div className="card-head"><h2>{t.provider}</h2><p className="muted">{t.providerHint}</p></div>
      <Loaded of={result} onRetry={renew}>
        {({ singleSignOn: of }) => (
          <div className="card-body form">
            <p className="row wrap">
              {of ? <Tag tone="green">{t.isSet}</Tag> : <Tag>{t.isNotSet}</Tag>}
              {of && <span className="muted">{of.issuer} · {t.changedAt} <Instant at={of.updatedAt} /></span>}
            </p>
            <Form key={of?.version ?? 0} of={of} onDone={renew} />
          </div>
        )}
      </Loaded>
    </section>
  );
}

const FIELDS = ['issuer', 'clientId', 'clientSecret', 'redirectUris', 'linkByEmail', 'currentPassword'] as const;
const MOST_URIS = 10;

function Form({ of, onDone }: { of: Of | null; onDone: () => void }) {
  const t = useMessages(messages);
  const [issuer, setIssuer] = useState(of?.issuer ?? '');
  const [clientId, setClientId] = useState(of?.clientId ?? '');
  const [clientSecret, setSecret] = useState('');
  const [redirectUris, setUris] = useState<readonly string[]>(of?.redirectUris ?? [redirectUri()]);
  const [linkByEmail, setLinkByEmail] = useState(of?.linkByEmail ?? false);
  const [currentPassword, setPassword] = useState('');
  const { submit, problem, isRunning } = useSubmit(SET_PROVIDER);
  const send = async () => {
    const input = { issuer: issuer.trim(), clientId: clientId.trim(), clientSecret: clientSecret || null, redirectUris, linkByEmail, expectedVersion: of?.version ?? 0, currentPassword };
    if (!(await submit({ input }))) return;
    notify(t.saved);
    onDone();
  };
  return (
    <form className="form narrow-form" onSubmit={sending(send)}>
      <Field name="issuer" problem={problem} label={t.issuer} hint={t.issuerHint}>
        <Input required type="url" maxLength={500} autoComplete="off" placeholder="https://" value={issuer} onChange={event => setIssuer(event.target.value)} />
      </Field>
      <Field name="clientId" problem={problem} label={t.clientId}>
        <Input required maxLength={255} autoComplete="off" value={clientId} onChange={event => setClientId(event.target.value)} />
      </Field>
      <Field name="clientSecret" problem={problem} label={t.clientSecret} hint={of?.hasClientSecret ? t.secretKept : t.secretHint}>
        <Input.Password autoComplete="new-password" value={clientSecret} onChange={event => setSecret(event.target.value)} />
      </Field>
      <Field name="redirectUris" problem={problem} label={t.redirectUris} hint={t.redirectUrisHint}>
        <Select mode="tags" open={false} suffix={null} maxCount={MOST_URIS} value={[...redirectUris]} onChange={(uris: string[]) => setUris(uris)} />
      </Field>
      <Field name="linkByEmail" problem={problem} label={t.linkByEmail} isGroup>
        <Checkbox checked={linkByEmail} onChange={event => setLinkByEmail(event.target.checked)}>{t.linkByEmailHint}</Checkbox>
      </Field>
      <Field name="currentPassword" problem={problem} label={t.currentPassword}>
        <Input.Password required autoComplete="current-password" value={currentPassword} onChange={event => setPassword(event.target.value)} />
      </Field>
      <Problem of={besides(problem, ...FIELDS)} onRetry={() => void send()} />
      <div className="row wrap">
        <Button type="primary" htmlType="submit" loading={isRunning}>{t.save}</Button>
        {of && <Removal version={of.version} onDone={onDone} />}
      </div>
    </form>
  );
}

function Removal({ version, onDone }: { version: number; onDone: () => void }) {
  const t = useMessages(messages);
  const { submit, problem, isRunning } = useSubmit(REMOVE_PROVIDER);
  const remove = async () => {
    if (await submit({ input: { expectedVersion: version } })) onDone();
  };
  return (
    <>
      <Popconfirm title={t.removeProvider} description={t.removeProviderHint} okText={t.yes} cancelText={t.no} onConfirm={() => remove()}>
        <Button danger loading={isRunning}>{t.removeProvider}</Button>
      </Popconfirm>
      <Problem of={problem} />
    </>
  );
}
