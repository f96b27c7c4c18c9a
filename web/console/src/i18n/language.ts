// The language of the console: of its address (`?lang=en`), as chosen before, or of the browser.
import { createStore } from '../api/store';

export type Language = 'zh' | 'en';

const KEY = 'aftersales:console:language';

function initial(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(KEY) ?? navigator.language;
  return asked.toLowerCase().startsWith('en') ? 'en' : 'zh';
}

export const languageStore = createStore<Language>(initial());

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  languageStore.set(language);
}

/** The tag for dates, numbers and the header `Accept-Language`. */
export function localeOf(language: Language): string {
  return language === 'zh' ? 'zh-CN' : 'en-GB';
}
