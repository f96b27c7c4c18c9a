// Thumbnails, and a picture in full over the page: arrows turn, + and − zoom, Esc closes.
import { useEffect, useRef, useState, type KeyboardEvent, type WheelEvent } from 'react';

import { useMessages } from '../i18n/messages';
import { messages } from './messages';

interface Picture {
  readonly id: string;
  readonly url: string;
  /** A smaller form of it. */
  readonly thumbnail: string;
}

const LARGEST = 6;

export function Pictures({ of, label }: { of: readonly Picture[]; label: string }) {
  const t = useMessages(messages);
  const [shown, setShown] = useState<number | null>(null);
  if (!of.length) return null;
  return (
    <>
      <ul className="pictures" aria-label={label}>
        {of.map((picture, index) => (
          <li key={picture.id}>
            <button type="button" onClick={() => setShown(index)} aria-label={t.picture(index + 1)}>
              <img src={picture.thumbnail} alt="" loading="lazy" decoding="async" />
            </button>
          </li>
        ))}
      </ul>
      {shown !== null && <Zoom of={of} at={shown} onTurn={setShown} onClose={() => setShown(null)} />}
    </>
  );
}

function Zoom({ of, at, onTurn, onClose }: { of: readonly Picture[]; at: number; onTurn: (at: number) => void; onClose: () => void }) {
  const t = useMessages(messages);
  const dialog = useRef<HTMLDialogElement>(null);
  const [scale, setScale] = useState(1);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => setScale(1), [at]);
  const zoom = (factor: number) => setScale(known => Math.min(LARGEST, Math.max(1, known * factor)));
  const turn = (by: number) => onTurn((at + by + of.length) % of.length);
  const press = (event: KeyboardEvent) => {
    const step = { ArrowRight: () => turn(1), ArrowLeft: () => turn(-1), '+': () => zoom(1.5), '=': () => zoom(1.5), '-': () => zoom(1 / 1.5) }[event.key];
    if (step) {
      event.preventDefault();
      step();
    }
    event.stopPropagation(); // the keys of the desk are not meant
  };
  const turnWheel = (event: WheelEvent) => zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
  return (
    <dialog ref={dialog} className="zoom" aria-label={t.picture(at + 1)} onClose={onClose} onKeyDown={press} onClick={event => event.target === dialog.current && onClose()}>
      <div className="zoom-frame" onWheel={turnWheel} onDoubleClick={() => setScale(scale > 1 ? 1 : 2)}>
        <img src={of[at]?.url} alt={t.picture(at + 1)} style={{ transform: `scale(${scale})` }} />
      </div>
      <div className="zoom-tools">
        {of.length > 1 && <button type="button" aria-label={t.previous} onClick={() => turn(-1)}>‹</button>}
        <span>{at + 1} / {of.length}</span>
        {of.length > 1 && <button type="button" aria-label={t.next} onClick={() => turn(1)}>›</button>}
        <button type="button" aria-label={t.smaller} onClick={() => zoom(1 / 1.5)}>−</button>
        <button type="button" aria-label={t.larger} onClick={() => zoom(1.5)}>+</button>
        <button type="button" aria-label={t.close} onClick={onClose}>×</button>
      </div>
    </dialog>
  );
}
