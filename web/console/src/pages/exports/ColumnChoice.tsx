import { Checkbox } from 'antd';

import type { ExportColumn } from '../../api/graphql/graphql';
import { useMessages } from '../../i18n/messages';
import { COLUMNS, inOrder } from './columns';
import { columnNames, groups } from './messages';

interface Props {
  readonly value: readonly ExportColumn[];
  readonly onChange: (value: readonly ExportColumn[]) => void;
}

export function ColumnChoice({ value, onChange }: Props) {
  const titles = useMessages(groups);
  const names = useMessages(columnNames);
  return (
    <div className="column-groups">
      {(Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).map(group => {
        const own = COLUMNS[group];
        const chosen = own.filter(column => value.includes(column));
        const others = value.filter(column => !own.includes(column));
        return (
          <div key={group} role="group" aria-label={titles[group]}>
            <Checkbox
              checked={chosen.length === own.length}
              indeterminate={chosen.length > 0 && chosen.length < own.length}
              onChange={event => onChange(inOrder(event.target.checked ? [...others, ...own] : others))}
            >
              <strong>{titles[group]}</strong>
            </Checkbox>
            {own.map(column => (
              <Checkbox
                key={column}
                checked={value.includes(column)}
                onChange={event => onChange(inOrder(event.target.checked ? [...value, column] : value.filter(other => other !== column)))}
              >
                {names[column]}
              </Checkbox>
            ))}
          </div>
        );
      })}
    </div>
  );
}
