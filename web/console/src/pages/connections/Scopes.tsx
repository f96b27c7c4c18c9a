import { Checkbox } from 'antd';
import { useQuery } from 'urql';

import type { Permission } from '../../api/graphql/graphql';
import type { Problem } from '../../api/problem';
import { useViewer } from '../../api/viewer';
import { Field } from '../../components/Field';
import { useMessages } from '../../i18n/messages';
import { CATALOGUE } from '../staff/documents';
import { messages } from './messages';

interface Props {
  /** Who grants them: each has scopes of their own. */
  readonly giver: 'MERCHANT' | 'PLATFORM';
  readonly value: readonly Permission[];
  readonly onChange: (value: readonly Permission[]) => void;
  readonly problem: Problem | null;
}

export function Scopes({ giver, value, onChange, problem }: Props) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const [{ data }] = useQuery({ query: CATALOGUE });
  const offered = (data?.permissions ?? []).filter(({ scopeGiver }) => scopeGiver === giver);
  return (
    <Field name="scopes" problem={problem} label={t.scopes} hint={giver === 'MERCHANT' ? t.scopesHint : t.grantHint} isGroup>
      <div className="scopes">
        {offered.map(({ permission, name, description, holders }) => {
          // What no person holds, the server gives by another permission of theirs.
          const isHeld = !holders.includes('STAFF') || viewer.may(permission);
          return (
            <Checkbox
              key={permission}
              checked={value.includes(permission)}
              disabled={!isHeld && !value.includes(permission)}
              onChange={event => onChange(event.target.checked ? [...value, permission] : value.filter(other => other !== permission))}
            >
              {name}
              <small className="muted">{isHeld ? description : t.notHeld}</small>
            </Checkbox>
          );
        })}
      </div>
    </Field>
  );
}
