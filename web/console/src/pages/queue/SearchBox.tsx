import { useEffect, useState, type Ref } from 'react';

import { useMessages } from '../../i18n/messages';
import type { Desk } from './useDesk';
import { messages } from './messages';

const QUIET_MS = 250;

/** One box for numbers, phones, waybills and names; what was meant can be corrected. */
export function SearchBox({ desk, ref }: { desk: Desk; ref: Ref<HTMLInputElement> }) {
  const t = useMessages(messages);
  const [text, setText] = useState(desk.typed);
  const { search, typed } = desk;
  useEffect(() => {
    if (text === typed) return undefined;
    const timer = setTimeout(() => search(text), text ? QUIET_MS : 0);
    return () => clearTimeout(timer);
  }, [text, typed, search]);
  return (
    <search className="desk-search">
      <input
        ref={ref}
        type="search"
        className="input"
        value={text}
        placeholder={t.search}
        aria-label={t.search}
        autoComplete="off"
        spellCheck={false}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') search(text);
          if (event.key === 'Escape') {
            setText('');
            event.currentTarget.blur();
          }
        }}
      />
      {desk.candidates.length > 1 && (
        <div className="desk-meanings" role="group" aria-label={t.searchAs}>
          <span className="muted">{t.searchAs}</span>
          {desk.candidates.map(({ meaning }) => (
            <button key={meaning} type="button" className="chip" aria-pressed={meaning === desk.meaning} onClick={() => desk.mean(meaning)}>
              {t[meaning]}
            </button>
          ))}
        </div>
      )}
    </search>
  );
}
