import type { ReactNode } from 'react';

import { Button } from 'antd';

import type { Pages } from '../api/usePages';
import { useMessages } from '../i18n/messages';
import { Failed } from './Failed';
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
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly empty?: ReactNode;
  /** A connection; or `rows` for what is loaded as a whole. */
  readonly pages?: Pages<Row>;
  readonly rows?: readonly Row[];
}

/** The pages of a connection and a button for the next one, or what could not be loaded and a button to try again. */
export function CursorTable<Row>({ label, columns, rowKey, empty, pages, rows = pages?.nodes ?? [] }: Props<Row>) {
  const t = useMessages(messages);
  return (
    <div className="table-frame" tabIndex={0}>
      <table className="table" aria-label={label} aria-busy={pages?.isLoading}>
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
      {!rows.length && !pages?.error && <div className="empty" role="status">{pages?.isLoading ? t.loading : (empty ?? t.nothing)}</div>}
      {pages && rows.length > 0 && (
        <div className="table-foot">
          <span className="muted">{pages.totalCount === undefined ? null : t.shown(rows.length, pages.totalCount)}</span>
          {pages.hasMore && <Button size="small" loading={pages.isLoading} onClick={pages.more}>{t.more}</Button>}
        </div>
      )}
      {pages?.error && <Failed error={pages.error} onRetry={pages.retry} />}
    </div>
  );
}

function classes(align?: 'left' | 'right', wide?: boolean): string | undefined {
  return [align === 'right' && 'right', wide && 'wide'].filter(Boolean).join(' ') || undefined;
}
