import { Checkbox } from 'antd';

import type { ServiceOrderAction } from '../../api/graphql/graphql';
import { DECISIONS } from '../../api/decisions';
import { useMessages } from '../../i18n/messages';
import { decisions } from '../../i18n/terms';

interface Props {
  readonly value: readonly ServiceOrderAction[];
  readonly onChange: (value: readonly ServiceOrderAction[]) => void;
}

/** Some of the five decisions of a review. */
export function DecisionChoice({ value, onChange }: Props) {
  const names = useMessages(decisions);
  return (
    <div className="row wrap">
      {DECISIONS.map(decision => (
        <Checkbox
          key={decision}
          checked={value.includes(decision)}
          onChange={event => onChange(DECISIONS.filter(other => (other === decision ? event.target.checked : value.includes(other))))}
        >
          {names[decision]}
        </Checkbox>
      ))}
    </div>
  );
}
