// The rows of the desk. A plain table: a hundred rows scroll without help.
import { memo, useEffect, useRef } from 'react';

import { useStore } from '../../api/store';
import { useMessages } from '../../i18n/messages';
import { densityStore } from '../../theme/appearance';
import { columns, type DeskColumn } from './columns';
import type { Row } from './documents';
import { messages } from './messages';
import { hiddenStore } from './saved';

interface Props {
  readonly rows: readonly Row[];
  /** The id of the row that the keys act on. */
  readonly active: string | null;
  readonly opened: string | null;
  readonly selected: ReadonlySet<string>;
  /** Whether a row no longer belongs here: it stays in its place until the list is refreshed. */
  readonly isGone: (row: Row) => boolean;
  readonly hasStatus: boolean;
  readonly onOpen: (id: string) => void;
  readonly onSelect: (id: string, extend: boolean) => void;
  readonly onSelectAll: (all: boolean) => void;
}

export function QueueTable({ rows, active, opened, selected, isGone, hasStatus, onOpen, onSelect, onSelectAll }: Props) {
  const t = useMessages(messages);
  const density = useStore(densityStore);
  const hidden = useStore(hiddenStore);
  const shown = columns.filter(({ key }) => !hidden.includes(key) && (key !== 'status' || hasStatus));
  const isAll = rows.length > 0 && rows.every(({ id }) => selected.has(id));
  return (
    <table className={`table desk-table desk-${density}`} aria-label={t.title}>
      <thead>
        <tr>
          <th scope="col" className="c-check">
            <input type="checkbox" aria-label={t.selectAll} checked={isAll} onChange={() => onSelectAll(!isAll)} />
          </th>
          <th scope="col" className="c-number">{t.columnNumber}</th>
          {shown.map(({ key, title, className }) => <th key={key} scope="col" className={className}>{t[title]}</th>)}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <DeskRow
            key={row.id}
            row={row}
            columns={shown}
            isActive={row.id === active}
            isOpened={row.id === opened}
            isSelected={selected.has(row.id)}
            isGone={isGone(row)}
            onOpen={onOpen}
            onSelect={onSelect}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly row: Row;
  readonly columns: readonly DeskColumn[];
  readonly isActive: boolean;
  readonly isOpened: boolean;
  readonly isSelected: boolean;
  readonly isGone: boolean;
  readonly onOpen: (id: string) => void;
  readonly onSelect: (id: string, extend: boolean) => void;
}

const DeskRow = memo(function DeskRow({ row, columns: shown, isActive, isOpened, isSelected, isGone, onOpen, onSelect }: RowProps) {
  const t = useMessages(messages);
  const element = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  const state = [isActive && 'is-active', isOpened && 'is-opened', isSelected && 'is-selected', isGone && 'is-gone'];
  return (
    <tr
      ref={element}
      className={state.filter(Boolean).join(' ') || undefined}
      aria-selected={isSelected}
      data-id={row.id}
      onClick={event => !(event.target as Element).closest('input, a, button') && onOpen(row.id)}
    >
      <td className="c-check">
        <input
          type="checkbox"
          aria-label={t.select(row.number)}
          checked={isSelected}
          onChange={() => {}}
          onClick={event => onSelect(row.id, event.shiftKey)}
        />
      </td>
      <td className="c-number">
        <button type="button" className="link mono" onClick={() => onOpen(row.id)}>{row.number}</button>
      </td>
      {shown.map(({ key, className, Cell }) => <td key={key} className={className}><Cell row={row} isGone={isGone} /></td>)}
    </tr>
  );
});
