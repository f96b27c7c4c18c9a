// The permissions of the catalogue in groups: to choose from, and as tags.
import { Checkbox, Tooltip } from 'antd';
import { useQuery } from 'urql';

import type { Permission } from '../../api/graphql/graphql';
import { useViewer } from '../../api/viewer';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { permissions } from '../../i18n/terms';
import { CATALOGUE } from './documents';
import { messages } from './messages';

const GROUPS: readonly { readonly title: 'desk' | 'orders' | 'management'; readonly of: ReadonlySet<Permission> | null }[] = [
  { title: 'desk', of: new Set<Permission>(['SERVICE_ORDER_READ', 'REVIEW', 'RECEIVE', 'PROCESS', 'REFUND', 'NOTE', 'ASSIGN']) },
  { title: 'orders', of: new Set<Permission>(['CUSTOMER_CONTACT_READ', 'EXPORT']) },
  // Also what the server adds to its catalogue later.
  { title: 'management', of: null },
];
const GROUPED = new Set(GROUPS.flatMap(({ of }) => [...(of ?? [])]));

interface Props {
  readonly value: readonly Permission[];
  readonly onChange: (value: readonly Permission[]) => void;
}

export function PermissionChoice({ value, onChange }: Props) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const [{ data }] = useQuery({ query: CATALOGUE });
  const chosen = new Set(value);
  const grantable = (data?.permissions ?? []).filter(({ holders }) => holders.includes('STAFF'));
  const toggle = (permission: Permission, isChosen: boolean) =>
    onChange(isChosen ? [...value, permission] : value.filter(other => other !== permission));
  return (
    <div className="permission-groups">
      {GROUPS.map(({ title, of }) => (
        <div key={title} role="group" aria-label={t[title]}>
          <p className="muted">{t[title]}</p>
          {grantable.filter(({ permission }) => (of ? of.has(permission) : !GROUPED.has(permission))).map(({ permission, name, description }) => (
            <Checkbox
              key={permission}
              checked={chosen.has(permission)}
              disabled={!viewer.may(permission) && !chosen.has(permission)}
              onChange={event => toggle(permission, event.target.checked)}
            >
              {name}
              <small className="muted">{viewer.may(permission) ? description : t.notHeld}</small>
            </Checkbox>
          ))}
        </div>
      ))}
    </div>
  );
}

export function PermissionTags({ of, tone = 'grey' }: { of: readonly Permission[]; tone?: string }) {
  const names = useMessages(permissions);
  if (!of.length) return <span className="muted">–</span>;
  return <span className="tag-list">{of.map(permission => <Tag key={permission} tone={tone}>{names[permission]}</Tag>)}</span>;
}

/** The first few, and how many more there are. */
export function PermissionSummary({ of, shown = 4 }: { of: readonly Permission[]; shown?: number }) {
  const names = useMessages(permissions);
  const rest = of.slice(shown);
  return (
    <span className="tag-list">
      {of.slice(0, shown).map(permission => <Tag key={permission}>{names[permission]}</Tag>)}
      {rest.length > 0 && (
        <Tooltip title={rest.map(permission => names[permission]).join(' · ')}>
          <span tabIndex={0}><Tag>+{rest.length}</Tag></span>
        </Tooltip>
      )}
    </span>
  );
}
