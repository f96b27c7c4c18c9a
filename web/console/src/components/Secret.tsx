import { Typography } from 'antd';
import type { ReactNode } from 'react';

/** What the server does not show again: to copy now. */
export function Secret({ label, text, children }: { label: string; text: string; children?: ReactNode }) {
  return (
    <div className="secret" role="status">
      <span className="muted">{label}</span>
      <Typography.Text copyable={{ text }} code className="secret-text">{text}</Typography.Text>
      {children}
    </div>
  );
}
