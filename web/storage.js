// GraphiQL's storage: display settings stay in the browser, everything typed stays in memory.

// An allowlist, because GraphiQL stores everything typed: queries, variables, headers, tabs and
// history. Each of these can contain a password or a token.
const DISPLAY_KEYS = new Set([
  'graphiql:theme',
  'graphiql:docExplorerFlex',
  'graphiql:editorFlex',
  'graphiql:secondaryEditorFlex',
]);
// Other projects on the same host and port share localStorage.
const NAMESPACE = 'aftersales:';
// The console keeps how things look there.
const CONSOLE = 'aftersales:console:';

export function newStorage() {
  const memory = new Map();
  return {
    getItem: key =>
      DISPLAY_KEYS.has(key) ? localStorage.getItem(NAMESPACE + key) : (memory.get(key) ?? null),
    setItem(key, value) {
      if (DISPLAY_KEYS.has(key)) {
        localStorage.setItem(NAMESPACE + key, value);
      } else {
        memory.set(key, value);
      }
    },
    removeItem(key) {
      memory.delete(key);
      localStorage.removeItem(NAMESPACE + key);
    },
    clear() {
      memory.clear();
      DISPLAY_KEYS.forEach(key => localStorage.removeItem(NAMESPACE + key));
    },
    get length() {
      return memory.size;
    },
  };
}

// Removes what earlier versions of the page, and a GraphiQL with its default storage, left behind.
export function removeOldEntries() {
  for (const key of Object.keys(localStorage)) {
    const isOurs =
      key.startsWith(NAMESPACE) &&
      !key.startsWith(CONSOLE) &&
      !DISPLAY_KEYS.has(key.slice(NAMESPACE.length));
    if (isOurs || key.startsWith('graphiql:')) {
      localStorage.removeItem(key);
    }
  }
  sessionStorage.removeItem('aftersales:session');
}
