// The keys of the desk: letters alone, so that a browser's own combinations keep their meaning.
import { useEffect, useRef } from 'react';

export type KeyMap = Readonly<Record<string, () => void>>;

const TYPING = 'input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=combobox]';

/** Calls what belongs to a key, unless the person types somewhere or a dialog is open. */
export function useKeys(keys: KeyMap): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as Element | null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
      if (target?.closest(TYPING) || document.querySelector('dialog[open], .ant-modal-wrap:not([style*="none"])')) return;
      // Enter on a button or a link is that button's.
      if (event.key === 'Enter' && target?.closest('button, a, summary')) return;
      const step = current.current[event.key];
      if (step) {
        event.preventDefault();
        step();
      }
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
