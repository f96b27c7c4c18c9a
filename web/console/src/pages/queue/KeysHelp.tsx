import { useEffect, useRef } from 'react';

import { useMessages } from '../../i18n/messages';
import { keyTexts, messages } from './messages';

/** The keys of the desk, over the page. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  const t = useMessages(keyTexts);
  const { closePanel } = useMessages(messages);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const keys: readonly (readonly [string, string])[] = [
    ['j / k', t.move],
    ['Enter', t.open],
    ['o', t.page],
    ['x', t.select],
    ['1 – 5', t.decide],
    ['Ctrl + Enter', t.send],
    ['/', t.search],
    ['r', t.refresh],
    ['Esc', t.close],
    ['?', t.help],
  ];
  return (
    <dialog ref={dialog} className="sheet" aria-label={t.title} onClose={onClose} onClick={event => event.target === dialog.current && onClose()}>
      <div className="sheet-body">
        <div className="row">
          <h2 className="grow">{t.title}</h2>
          <button type="button" className="icon-button" aria-label={closePanel} onClick={onClose}>×</button>
        </div>
        <dl className="keys">
          {keys.map(([key, text]) => (
            <div key={key}>
              <dt>{key.split(' ').map((part, index) => (/^[/–+]$/.test(part) && key.length > 1 ? <span key={index}> {part} </span> : <kbd key={index}>{part}</kbd>))}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  );
}
