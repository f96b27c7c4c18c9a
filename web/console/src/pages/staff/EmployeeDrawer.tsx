import { useState } from 'react';

import { Button, Drawer, Input, Popconfirm, Select } from 'antd';
import { useQuery } from 'urql';

import type { Permission } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { Instant } from '../../components/Instant';
import { Problem } from '../../components/Problem';
import { Secret } from '../../components/Secret';
import { useSettled } from '../../components/useSettled';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { Ceiling } from './Ceiling';
import { CREATE_EMPLOYEE, DISABLE_EMPLOYEE, EMPLOYEE_PREVIEW, ENABLE_EMPLOYEE, ISSUE_RESET, UPDATE_EMPLOYEE, type Employee, type Role } from './documents';
import { EffectOf, isEffect, Orphaned, Preview } from './Effects';
import { messages } from './messages';
import { PermissionChoice, PermissionTags } from './Permissions';

interface Props {
  /** `new` for another one. */
  readonly of: Employee | 'new' | null;
  readonly roles: readonly Role[];
  readonly onClose: () => void;
}

export function EmployeeDrawer({ of, roles, onClose }: Props) {
  const t = useMessages(messages);
  return (
    <Drawer open={of !== null} onClose={onClose} size={560} destroyOnHidden closable={{ 'aria-label': t.close }} title={of === 'new' ? t.addEmployee : of?.name}>
      {of === 'new' && <NewEmployee roles={roles} onDone={onClose} />}
      {of !== null && of !== 'new' && (of.isMainAccount ? <p>{t.mainHint}</p> : <Present key={of.id} employee={of} roles={roles} onDone={onClose} />)}
    </Drawer>
  );
}

function NewEmployee({ roles, onDone }: { roles: readonly Role[]; onDone: () => void }) {
  const t = useMessages(messages);
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [name, setName] = useState('');
  const [grants, setGrants] = useState<Grants>({ roleIds: [], extraPermissions: [], refundCeiling: null });
  const { submit, problem, isRunning } = useSubmit(CREATE_EMPLOYEE);
  const send = async () => {
    if (!(await submit({ input: { login: login.trim(), password, name: name.trim(), ...grants } }))) return;
    notify(t.done);
    onDone();
  };
  return (
    <Form problem={problem} fields={['name', 'login', 'password', ...grantFields(grants)]} send={send} label={t.create} isRunning={isRunning}>
      <Field name="name" problem={problem} label={t.name}>
        <Input required autoFocus maxLength={64} value={name} onChange={event => setName(event.target.value)} />
      </Field>
      <Field name="login" problem={problem} label={t.login} hint={t.loginHint}>
        <Input required maxLength={64} autoComplete="off" value={login} onChange={event => setLogin(event.target.value)} />
      </Field>
      <Field name="password" problem={problem} label={t.password} hint={t.passwordHint}>
        <Input.Password required minLength={8} maxLength={128} autoComplete="new-password" value={password} onChange={event => setPassword(event.target.value)} />
      </Field>
      <GrantFields grants={grants} onChange={setGrants} roles={roles} problem={problem} />
    </Form>
  );
}

interface Grants {
  readonly roleIds: readonly string[];
  readonly extraPermissions: readonly Permission[];
  readonly refundCeiling: string | null;
}

function Present({ employee, roles, onDone }: { employee: Employee; roles: readonly Role[]; onDone: () => void }) {
  const t = useMessages(messages);
  const [name, setName] = useState(employee.name);
  const [grants, setGrants] = useState<Grants>({
    roleIds: employee.roles.map(({ id }) => id),
    extraPermissions: employee.extraPermissions,
    refundCeiling: employee.refundCeiling,
  });
  const { submit, problem, isRunning } = useSubmit(UPDATE_EMPLOYEE);
  const send = async () => {
    if (!(await submit({ input: { id: employee.id, name: name.trim(), ...grants } }))) return;
    notify(t.done);
    onDone();
  };
  return (
    <>
      <Form problem={problem} fields={['name', ...grantFields(grants)]} send={send} label={t.save} isRunning={isRunning}>
        <Field name="name" problem={problem} label={t.name} hint={`${t.login}: ${employee.login}`}>
          <Input required maxLength={64} value={name} onChange={event => setName(event.target.value)} />
        </Field>
        <GrantFields grants={grants} onChange={setGrants} roles={roles} problem={problem} />
        <GrantsPreview id={employee.id} grants={grants} />
      </Form>
      <AccountSteps employee={employee} />
    </>
  );
}

function hasCeiling({ extraPermissions }: Grants): boolean {
  return extraPermissions.includes('REFUND');
}

/** Those that are shown. */
function grantFields(grants: Grants): readonly string[] {
  return ['roleIds', 'extraPermissions', ...(hasCeiling(grants) ? ['refundCeiling'] : [])];
}

interface GrantProps {
  readonly grants: Grants;
  readonly onChange: (grants: Grants) => void;
  readonly roles: readonly Role[];
  readonly problem: Parameters<typeof Field>[0]['problem'];
}

function GrantFields({ grants, onChange, roles, problem = null }: GrantProps) {
  const t = useMessages(messages);
  const through = new Set(roles.filter(({ id }) => grants.roleIds.includes(id)).flatMap(({ permissions }) => permissions));
  return (
    <>
      <Field name="roleIds" problem={problem} label={t.roles} hint={through.size ? <PermissionTags of={[...through]} /> : undefined}>
        <Select
          mode="multiple"
          optionFilterProp="label"
          value={[...grants.roleIds]}
          onChange={(roleIds: string[]) => onChange({ ...grants, roleIds })}
          options={roles.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Field>
      <Field name="extraPermissions" problem={problem} label={t.extra} hint={t.extraHint} isGroup>
        <PermissionChoice value={grants.extraPermissions} onChange={extraPermissions => onChange({ ...grants, extraPermissions })} />
      </Field>
      {hasCeiling(grants) && (
        <Ceiling value={grants.refundCeiling} onChange={refundCeiling => onChange({ ...grants, refundCeiling })} problem={problem} />
      )}
    </>
  );
}

function GrantsPreview({ id, grants }: { id: string; grants: Grants }) {
  const t = useMessages(messages);
  const settled = useSettled(grants, JSON.stringify(grants));
  const [{ data, fetching }] = useQuery({ query: EMPLOYEE_PREVIEW, variables: { employeeId: id, ...settled }, requestPolicy: 'network-only' });
  const preview = data?.employeePreview;
  return (
    <Preview isLoading={fetching}>
      {preview && (
        <>
          {isEffect(preview) ? <EffectOf effect={preview} /> : <p className="muted">{t.noEffect}</p>}
          <Orphaned of={preview.orphaned} />
          {preview.connectors.length > 0 && (
            <>
              <p>{t.connectors}</p>
              {preview.connectors.map(({ connectorId, name, loses }) => <p key={connectorId} className="row wrap">{name} <PermissionTags of={loses} tone="red" /></p>)}
            </>
          )}
          {preview.loses.length > 0 && preview.openOrders > 0 && <p className="muted">{t.openOrders(preview.openOrders)}</p>}
        </>
      )}
    </Preview>
  );
}

function AccountSteps({ employee }: { employee: Employee }) {
  const t = useMessages(messages);
  const disabling = useSubmit(DISABLE_EMPLOYEE);
  const enabling = useSubmit(ENABLE_EMPLOYEE);
  const issuing = useSubmit(ISSUE_RESET);
  const input = { id: employee.id };
  const code = issuing.payload?.code;
  return (
    <section className="drawer-steps">
      <div className="row wrap">
        <Popconfirm title={t.reset} description={t.resetHint} okText={t.confirm} cancelText={t.cancel} onConfirm={() => issuing.submit({ input })}>
          <Button disabled={employee.disabledAt !== null} loading={issuing.isRunning}>{t.reset}</Button>
        </Popconfirm>
        {employee.disabledAt === null ? (
          <Popconfirm title={t.disable} description={t.disableHint(employee.unfinishedOrders)} okText={t.confirm} cancelText={t.cancel} onConfirm={() => disabling.submit({ input })}>
            <Button danger loading={disabling.isRunning}>{t.disable}</Button>
          </Popconfirm>
        ) : (
          <Button loading={enabling.isRunning} onClick={() => void enabling.submit({ input })}>{t.enable}</Button>
        )}
      </div>
      <Problem of={issuing.problem ?? disabling.problem ?? enabling.problem} />
      {code && (
        <Secret label={t.resetCode} text={code}>
          <span className="muted">{t.until} <Instant at={issuing.payload?.expiresAt ?? null} /></span>
        </Secret>
      )}
    </section>
  );
}
