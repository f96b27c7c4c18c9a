import { useEffect, useRef } from 'react';

/** Calls `renew` when a live update or a payload has brought another version than the one that was loaded. */
export function useRenewed(version: number, renew: () => void): void {
  const known = useRef(version);
  const call = useRef(renew);
  call.current = renew;
  useEffect(() => {
    if (known.current !== version) {
      known.current = version;
      call.current();
    }
  }, [version]);
}
