// Short messages about what was done. They go by themselves; nothing depends on their being read.
import { createStore, useStore } from '../api/store';

interface Notice {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 4_000;
const store = createStore<readonly Notice[]>([]);
let last = 0;

export function notify(text: string): void {
  const id = ++last;
  store.set([...store.get().slice(-2), { id, text }]);
  setTimeout(() => store.set(store.get().filter(notice => notice.id !== id)), SHOWN_MS);
}

export function Notices() {
  const notices = useStore(store);
  return (
    <div className="notices" role="status" aria-live="polite">
      {notices.map(({ id, text }) => <p key={id}>{text}</p>)}
    </div>
  );
}
