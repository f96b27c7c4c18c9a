import type { ReactNode } from 'react';

import { Button } from 'antd';

import { useMessages } from '../i18n/messages';
import { messages } from './messages';

export interface Column<Row> {
  readonly key: string;
  readonly title: ReactNode;
  readonly render: (row: Row) => ReactNode;
  readonly align?: 'left' | 'right';
  /** A CSS width; without one, what is left. */
  readonly width?: string;
  /** Not shown on a phone. */
  readonly wide?: boolean;
}

interface Props<Row> {
  /** What the table holds, for those who do not see it. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly empty?: ReactNode;
  readonly totalCount?: number;
  readonly hasMore?: boolean;
  readonly isLoading?: boolean;
  readonly onMore?: () => void;
}

/** A page of a connection, and a button for the next one: use it with `usePages`. */
export function CursorTable<Row>({ label, rows, columns, rowKey, empty, totalCount, hasMore = false, isLoading = false, onMore }: Props<Row>) {
  const t = useMessages(messages);
  return (
    <div className="table-frame">
      <table className="table" aria-label={label} aria-busy={isLoading}>
        <thead>
          <tr>
            {columns.map(({ key, title, align, width, wide }) => (
              <th key={key} scope="col" className={classes(align, wide)} style={width ? { width } : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={rowKey(row)}>
              {columns.map(({ key, render, align, wide }) => (
                <td key={key} className={classes(align, wide)}>
                  {render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {!rows.length && <div className="empty" role="status">{isLoading ? t.loading : (empty ?? t.nothing)}</div>}
      {rows.length > 0 && (
        <div className="table-foot">
          <span className="muted">{totalCount === undefined ? null : t.shown(rows.length, totalCount)}</span>
          {hasMore && <Button size="small" loading={isLoading} onClick={onMore}>{t.more}</Button>}
        </div>
      )}
    </div>
  );
}

function classes(align?: 'left' | 'right', wide?: boolean): string | undefined {
  return [align === 'right' && 'right', wide && 'wide'].filter(Boolean).join(' ') || undefined;
}
