// Permissions to choose from, each with what it lets one do.
import { Checkbox } from 'antd';
import { useQuery } from 'urql';

import type { GrantableQuery, Permission } from '../../api/graphql/graphql';
import type { Problem } from '../../api/problem';
import { Field } from '../../components/Field';
import { Loaded } from '../../components/Loaded';
import { GRANTABLE } from './documents';

export type Grantable = GrantableQuery['permissions'][number];

interface Props {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly problem: Problem | null;
  readonly isOffered: (entry: Grantable) => boolean;
  /** Why it cannot be granted by the viewer, or null. */
  readonly whyNot: (entry: Grantable) => string | null;
  readonly value: readonly Permission[];
  readonly onChange: (value: readonly Permission[]) => void;
}

export function Grants({ name, label, hint, problem, isOffered, whyNot, value, onChange }: Props) {
  const [result, refresh] = useQuery({ query: GRANTABLE });
  return (
    <Field name={name} label={label} hint={hint} problem={problem} isGroup>
      <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
        {({ permissions }) => (
          <div className="platform-grants">
            {permissions.filter(isOffered).map(entry => {
              const { permission } = entry;
              const isChosen = value.includes(permission);
              const reason = whyNot(entry);
              return (
                <Checkbox
                  key={permission}
                  checked={isChosen}
                  disabled={reason !== null && !isChosen}
                  onChange={event => onChange(event.target.checked ? [...value, permission] : value.filter(other => other !== permission))}
                >
                  {entry.name}
                  <small className="muted">{reason ?? entry.description}</small>
                </Checkbox>
              );
            })}
          </div>
        )}
      </Loaded>
    </Field>
  );
}
