// Replaces @rc-component/util/es/Dom/dynamicCSS: style sheets are adopted instead of written into
// <style> elements, so that `style-src 'self'` holds without a nonce.
//
// Adopted sheets follow those of <link>, and their order is that of their priority and arrival.

interface Options {
  mark?: string;
  prepend?: boolean | 'queue';
  priority?: number;
}

interface Entry {
  css: string;
  order: number;
  sheet: CSSStyleSheet;
  element: HTMLStyleElement;
}

const entries = new Map<string, Entry>();

export function updateCSS(css: string, key: string, options: Options = {}): HTMLStyleElement {
  const id = `${options.mark ?? 'rc-util-key'} ${key}`;
  const known = entries.get(id);
  if (known) {
    if (known.css !== css) {
      known.sheet.replaceSync(css);
      known.css = css;
    }
    return known.element;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  // Callers put marks on the element; it is never part of the page.
  const element = document.createElement('style');
  // What is to be prepended stands before the rest, in the order of its priority.
  const order = options.prepend === 'queue' ? (options.priority ?? 0) - 10_000 : options.prepend ? -20_000 : 0;
  const entry = { css, order, sheet, element };
  entries.set(id, entry);
  insert(entry);
  return element;
}

export function removeCSS(key: string, options: Options = {}): void {
  const id = `${options.mark ?? 'rc-util-key'} ${key}`;
  const known = entries.get(id);
  if (known) {
    entries.delete(id);
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => sheet !== known.sheet);
  }
}

export function injectCSS(css: string, options: Options = {}): HTMLStyleElement {
  return updateCSS(css, css, options);
}

export function clearContainerCache(): void {}

function insert({ order, sheet }: Entry): void {
  const orders = new Map([...entries.values()].map(entry => [entry.sheet, entry.order]));
  const sheets = document.adoptedStyleSheets;
  const index = sheets.findIndex(other => (orders.get(other) ?? 0) > order);
  if (index < 0) sheets.push(sheet);
  else sheets.splice(index, 0, sheet);
}
