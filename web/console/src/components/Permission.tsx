import type { ReactNode } from 'react';

import { useViewer, type Permission as Name } from '../api/viewer';

/** Shows its children to who has one of the permissions. The server decides; this hides what it would refuse. */
export function Permission({ anyOf, children, otherwise = null }: { anyOf: readonly Name[]; children: ReactNode; otherwise?: ReactNode }) {
  return <>{useViewer().may(...anyOf) ? children : otherwise}</>;
}
