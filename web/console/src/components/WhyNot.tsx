import type { ReactElement } from 'react';

import { Tooltip } from 'antd';

import { useMessages } from '../i18n/messages';
import { messages } from './messages';

/** A button that may be impossible now: on hover and on focus it says why. */
export function WhyNot({ reasons, children }: { reasons: readonly { message: string }[]; children: ReactElement }) {
  const t = useMessages(messages);
  if (!reasons.length) return children;
  return (
    <Tooltip
      title={
        <div>
          <strong>{t.cannot}</strong>
          <ul>{reasons.map(({ message }) => <li key={message}>{message}</li>)}</ul>
        </div>
      }
    >
      {/* A disabled button takes no focus and no pointer: the tooltip belongs to what is around it. */}
      <span tabIndex={0} role="note" aria-label={`${t.cannot}: ${reasons.map(({ message }) => message).join(' ')}`}>
        {children}
      </span>
    </Tooltip>
  );
}
