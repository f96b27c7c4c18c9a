import { useEffect, useState } from 'react';

const SETTLED_MS = 300;

/** The value once it has not changed for a moment, for what is asked of the server while one chooses. */
export function useSettled<T>(value: T, key: string): T {
  const [settled, setSettled] = useState({ value, key });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ value, key }), SETTLED_MS);
    return () => clearTimeout(timer);
    // `value` by its content, which is the key.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return settled.value;
}
