import { useState } from 'react';

import { Button, Drawer, Input, Popconfirm } from 'antd';

import type { Permission } from '../../api/graphql/graphql';
import type { Problem as ProblemOf } from '../../api/problem';
import { useStore } from '../../api/store';
import { useTimeZone } from '../../api/timeZone';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { instantText } from '../../components/Instant';
import { Problem } from '../../components/Problem';
import { languageStore, localeOf } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { OneTimeCode } from '../platform/OneTimeCode';
import { CREATE_ACCOUNT, DISABLE_ACCOUNT, ISSUE_RESET, UPDATE_ACCOUNT, type Account } from './documents';
import { Grants } from './Grants';
import { messages } from './messages';

interface Props {
  /** `new` for another one. */
  readonly of: Account | 'new' | null;
  readonly onClose: () => void;
}

export function AccountDrawer({ of, onClose }: Props) {
  const t = useMessages(messages);
  return (
    <Drawer open={of !== null} onClose={onClose} size={520} destroyOnHidden closable={{ 'aria-label': t.close }} title={of === 'new' ? t.addAccount : of?.name}>
      {of === 'new' && <NewAccount onDone={onClose} />}
      {of !== null && of !== 'new' && (of.disabledAt === null ? <Present key={of.id} account={of} onDone={onClose} /> : <Disabled at={of.disabledAt} />)}
    </Drawer>
  );
}

function Disabled({ at }: { at: string }) {
  const t = useMessages(messages);
  const locale = localeOf(useStore(languageStore));
  return <p>{t.isDisabled(instantText(at, 'short', locale, useTimeZone()))}</p>;
}

function NewAccount({ onDone }: { onDone: () => void }) {
  const t = useMessages(messages);
  const [input, setInput] = useState({ name: '', login: '', password: '' });
  const [permissions, setPermissions] = useState<readonly Permission[]>([]);
  const { submit, problem, isRunning } = useSubmit(CREATE_ACCOUNT);
  const send = async () => {
    if (!(await submit({ input: { ...input, name: input.name.trim(), login: input.login.trim(), permissions } }))) return;
    notify(t.saved);
    onDone();
  };
  return (
    <Form problem={problem} fields={['name', 'login', 'password', 'permissions']} send={send} label={t.create} isRunning={isRunning}>
      <Field name="name" problem={problem} label={t.name} hint={t.nameHint}>
        <Input required autoFocus maxLength={64} value={input.name} onChange={event => setInput({ ...input, name: event.target.value })} />
      </Field>
      <Field name="login" problem={problem} label={t.login} hint={t.loginHint}>
        <Input required maxLength={64} autoComplete="off" value={input.login} onChange={event => setInput({ ...input, login: event.target.value })} />
      </Field>
      <Field name="password" problem={problem} label={t.password} hint={t.passwordHint}>
        <Input.Password required minLength={8} maxLength={128} autoComplete="new-password" value={input.password} onChange={event => setInput({ ...input, password: event.target.value })} />
      </Field>
      <PlatformPermissions problem={problem} value={permissions} onChange={setPermissions} />
    </Form>
  );
}

function Present({ account, onDone }: { account: Account; onDone: () => void }) {
  const t = useMessages(messages);
  const [name, setName] = useState(account.name);
  const [permissions, setPermissions] = useState<readonly Permission[]>(account.permissions);
  const { submit, problem, isRunning } = useSubmit(UPDATE_ACCOUNT);
  const send = async () => {
    if (!(await submit({ input: { id: account.id, name: name.trim(), permissions } }))) return;
    notify(t.saved);
    onDone();
  };
  return (
    <>
      <Form problem={problem} fields={['name', 'permissions']} send={send} label={t.save} isRunning={isRunning}>
        <Field name="name" problem={problem} label={t.name} hint={`${t.login}: ${account.login}`}>
          <Input required maxLength={64} value={name} onChange={event => setName(event.target.value)} />
        </Field>
        <PlatformPermissions problem={problem} value={permissions} onChange={setPermissions} />
      </Form>
      <Steps account={account} />
    </>
  );
}

interface PermissionProps {
  readonly problem: ProblemOf | null;
  readonly value: readonly Permission[];
  readonly onChange: (value: readonly Permission[]) => void;
}

function PlatformPermissions(props: PermissionProps) {
  const t = useMessages(messages);
  const viewer = useViewer();
  return (
    <Grants
      {...props}
      name="permissions"
      label={t.permissions}
      isOffered={({ holders }) => holders.includes('PLATFORM')}
      whyNot={({ permission }) => (viewer.may(permission) ? null : t.notHeld)}
    />
  );
}

function Steps({ account }: { account: Account }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const disabling = useSubmit(DISABLE_ACCOUNT);
  const issuing = useSubmit(ISSUE_RESET);
  const input = { id: account.id };
  return (
    <section className="drawer-steps">
      <div className="row wrap">
        {account.id === viewer.id ? (
          <span className="muted">{t.ownPassword}</span>
        ) : (
          <Popconfirm title={t.reset} description={t.resetHint} okText={t.confirm} cancelText={t.cancel} onConfirm={() => void issuing.submit({ input })}>
            <Button loading={issuing.isRunning}>{t.reset}</Button>
          </Popconfirm>
        )}
        <Popconfirm title={`${t.disable}: ${account.name}`} description={t.disableAccountHint} okText={t.confirm} cancelText={t.cancel} onConfirm={() => void disabling.submit({ input })}>
          <Button danger loading={disabling.isRunning}>{t.disable}</Button>
        </Popconfirm>
      </div>
      <Problem of={issuing.problem ?? disabling.problem} />
      {issuing.payload?.code && <OneTimeCode code={issuing.payload.code} expiresAt={issuing.payload.expiresAt} hint={t.resetCode} />}
    </section>
  );
}
