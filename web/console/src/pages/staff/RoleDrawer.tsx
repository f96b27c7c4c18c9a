import { useState } from 'react';

import { Button, Drawer, Input, Popconfirm } from 'antd';
import { useQuery } from 'urql';

import type { Permission } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { Problem } from '../../components/Problem';
import { useSettled } from '../../components/useSettled';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { Ceiling } from './Ceiling';
import { CREATE_ROLE, DELETE_ROLE, ROLE_PREVIEW, UPDATE_ROLE, type Role } from './documents';
import { EffectOf, Orphaned, Preview } from './Effects';
import { messages } from './messages';
import { PermissionChoice } from './Permissions';

interface Props {
  /** `new` for another one. */
  readonly of: Role | 'new' | null;
  readonly onClose: () => void;
}

export function RoleDrawer({ of, onClose }: Props) {
  const t = useMessages(messages);
  return (
    <Drawer open={of !== null} onClose={onClose} size={560} destroyOnHidden closable={{ 'aria-label': t.close }} title={of === 'new' ? t.addRole : of?.name}>
      {of !== null && <RoleForm key={of === 'new' ? of : of.id} role={of === 'new' ? null : of} onDone={onClose} />}
    </Drawer>
  );
}

function RoleForm({ role, onDone }: { role: Role | null; onDone: () => void }) {
  const t = useMessages(messages);
  const [name, setName] = useState(role?.name ?? '');
  const [permissions, setPermissions] = useState<readonly Permission[]>(role?.permissions ?? []);
  const [refundCeiling, setCeiling] = useState(role?.refundCeiling ?? null);
  const creating = useSubmit(CREATE_ROLE);
  const updating = useSubmit(UPDATE_ROLE);
  const { problem, isRunning } = role ? updating : creating;
  const hasCeiling = permissions.includes('REFUND');
  const send = async () => {
    const input = { name: name.trim(), permissions, refundCeiling };
    const payload = role ? await updating.submit({ input: { id: role.id, ...input } }) : await creating.submit({ input });
    if (!payload) return;
    notify(t.done);
    onDone();
  };
  return (
    <>
      <Form problem={problem} fields={['name', 'permissions', ...(hasCeiling ? ['refundCeiling'] : [])]} send={send} label={role ? t.save : t.create} isRunning={isRunning}>
        <Field name="name" problem={problem} label={t.roleName}>
          <Input required autoFocus={!role} maxLength={32} value={name} onChange={event => setName(event.target.value)} />
        </Field>
        <Field name="permissions" problem={problem} label={t.permissions} isGroup>
          <PermissionChoice value={permissions} onChange={setPermissions} />
        </Field>
        {hasCeiling && <Ceiling value={refundCeiling} onChange={setCeiling} problem={problem} />}
        {role && <RolePreview id={role.id} permissions={permissions} refundCeiling={refundCeiling} />}
      </Form>
      {role && <Deletion id={role.id} onDone={onDone} />}
    </>
  );
}

interface PreviewProps {
  readonly id: string;
  /** Null: the role is deleted. */
  readonly permissions: readonly Permission[] | null;
  readonly refundCeiling: string | null;
}

function RolePreview({ id, permissions, refundCeiling }: PreviewProps) {
  const t = useMessages(messages);
  const settled = useSettled({ permissions, refundCeiling }, JSON.stringify([permissions, refundCeiling]));
  const [{ data, fetching }] = useQuery({ query: ROLE_PREVIEW, variables: { roleId: id, ...settled }, requestPolicy: 'network-only' });
  const preview = data?.rolePreview;
  return (
    <Preview isLoading={fetching}>
      {preview && (
        <>
          <p className="muted">{preview.effects.length ? t.effects(preview.effects.length) : t.noEffect}</p>
          {preview.effects.map(effect => (
            <div key={effect.employeeId} className="effect">
              <strong>{effect.name}</strong>
              <EffectOf effect={effect} />
            </div>
          ))}
          <Orphaned of={preview.orphaned} />
        </>
      )}
    </Preview>
  );
}

function Deletion({ id, onDone }: { id: string; onDone: () => void }) {
  const t = useMessages(messages);
  const [isOpen, setOpen] = useState(false);
  const { submit, problem, isRunning } = useSubmit(DELETE_ROLE);
  const remove = async () => {
    if (await submit({ input: { id } })) onDone();
  };
  return (
    <section className="drawer-steps">
      <Popconfirm
        title={t.deleteHint}
        description={isOpen ? <div className="confirm-preview"><RolePreview id={id} permissions={null} refundCeiling={null} /></div> : null}
        onOpenChange={setOpen}
        okText={t.confirm}
        cancelText={t.cancel}
        onConfirm={() => remove()}
      >
        <Button danger loading={isRunning}>{t.delete}</Button>
      </Popconfirm>
      <Problem of={problem} />
    </section>
  );
}
