// Texts in both languages, side by side. A message that lacks one of them does not compile.
import { languageStore, type Language } from './language';
import { useStore } from '../api/store';

type Text = string | ((...facts: never[]) => string);

/** The two forms of a message have one type: the same facts, in the same order. */
type Both<T extends Text> = { readonly [language in Language]: T };
type Widened<T> = T extends string ? string : T;
export type Messages<M> = { readonly [key in keyof M]: M[key] extends { zh: infer T } ? Widened<T> : never };

export function define<const M extends Record<string, Both<Text>>>(messages: M): M {
  return messages;
}

/** The messages in the language of the console. */
export function useMessages<const M extends Record<string, Both<Text>>>(messages: M): Messages<M> {
  return spoken(messages, useStore(languageStore));
}

const known = new WeakMap<object, Map<Language, object>>();

export function spoken<const M extends Record<string, Both<Text>>>(messages: M, language: Language): Messages<M> {
  const byLanguage = known.get(messages) ?? new Map<Language, object>();
  known.set(messages, byLanguage);
  let found = byLanguage.get(language);
  if (!found) {
    found = Object.fromEntries(Object.entries(messages).map(([key, text]) => [key, text[language]]));
    byLanguage.set(language, found);
  }
  return found as Messages<M>;
}
