// The language of the page: `?lang=zh` or `?lang=en` in its address; without one, both.

const asked = new URLSearchParams(location.search).get('lang')?.toLowerCase().split('-')[0];

export const language = ['zh', 'en'].includes(asked) ? asked : null;

// The headers of requests: without them, those of the browser decide.
export const languageHeaders = language
  ? { 'accept-language': language === 'zh' ? 'zh-CN' : 'en' }
  : {};

// One half of a text `中文 · English`, or the whole.
export function say(text) {
  const [chinese, english] = text.split(' · ');
  return { zh: chinese, en: english ?? chinese }[language] ?? text;
}
