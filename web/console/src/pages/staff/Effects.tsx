// Who gains and who loses what, before it is saved.
import { Alert } from 'antd';
import type { ReactNode } from 'react';

import type { Permission } from '../../api/graphql/graphql';
import { useMessages } from '../../i18n/messages';
import { useCeilingText } from './Ceiling';
import { messages } from './messages';
import { PermissionTags } from './Permissions';

interface Effect {
  readonly gains: readonly Permission[];
  readonly loses: readonly Permission[];
  readonly refundCeilingBefore: string | null;
  readonly refundCeilingAfter: string | null;
}

export function Preview({ isLoading, children }: { isLoading: boolean; children: ReactNode }) {
  const t = useMessages(messages);
  return (
    <section className="preview" aria-label={t.preview} aria-busy={isLoading} aria-live="polite">
      <h3>{t.preview}</h3>
      {children}
    </section>
  );
}

export function EffectOf({ effect }: { effect: Effect }) {
  const t = useMessages(messages);
  const ceilingText = useCeilingText();
  const { gains, loses, refundCeilingBefore: before, refundCeilingAfter: after } = effect;
  return (
    <>
      {gains.length > 0 && <p className="row wrap"><span className="muted">{t.gains}</span> <PermissionTags of={gains} tone="green" /></p>}
      {loses.length > 0 && <p className="row wrap"><span className="muted">{t.loses}</span> <PermissionTags of={loses} tone="red" /></p>}
      {before !== after && <p>{t.ceilingChange(ceilingText(before), ceilingText(after))}</p>}
    </>
  );
}

export function isEffect({ gains, loses, refundCeilingBefore, refundCeilingAfter }: Effect): boolean {
  return gains.length > 0 || loses.length > 0 || refundCeilingBefore !== refundCeilingAfter;
}

/** What only the main account could do any more. */
export function Orphaned({ of }: { of: readonly Permission[] }) {
  const t = useMessages(messages);
  if (!of.length) return null;
  return <Alert type="warning" showIcon title={<>{t.orphaned} <PermissionTags of={of} tone="amber" /></>} />;
}
