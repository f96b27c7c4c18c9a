// The storage that GraphiQL gets: its looks stay in the browser, everything typed stays in memory.

// An allowlist, because GraphiQL stores whatever is typed: queries, variables, headers, tabs and
// history. Any of them can hold a password or a token.
const LOOKS = new Set([
  'graphiql:theme',
  'graphiql:docExplorerFlex',
  'graphiql:editorFlex',
  'graphiql:secondaryEditorFlex',
]);
// Other projects on the same host and port share localStorage.
const NAMESPACE = 'aftersales:';

export function newStorage() {
  const memory = new Map();
  return {
    getItem: key =>
      LOOKS.has(key) ? localStorage.getItem(NAMESPACE + key) : (memory.get(key) ?? null),
    setItem(key, value) {
      if (LOOKS.has(key)) {
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
      LOOKS.forEach(key => localStorage.removeItem(NAMESPACE + key));
    },
    get length() {
      return memory.size;
    },
  };
}

// Removes what earlier versions of the page, and a GraphiQL with its default storage, left behind.
export function removeOldEntries() {
  for (const key of Object.keys(localStorage)) {
    const isOurs = key.startsWith(NAMESPACE) && !LOOKS.has(key.slice(NAMESPACE.length));
    if (isOurs || key.startsWith('graphiql:')) {
      localStorage.removeItem(key);
    }
  }
  sessionStorage.removeItem('aftersales:session');
}
