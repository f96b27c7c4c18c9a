import { useContext } from 'react';

import { ViewerContext } from './viewer';

/** The merchant's time zone; the platform sees that of its market. */
export function useTimeZone(): string {
  return useContext(ViewerContext)?.merchant?.timeZone ?? 'Asia/Shanghai';
}
