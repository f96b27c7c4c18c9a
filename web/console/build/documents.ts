// Puts the text and the hash of each operation where it is used, so that a page loads only its own.
//
// The client preset's `graphql()` looks operations up in one table, which would put the operations of
// all pages into the first view.
import { existsSync, readFileSync } from 'node:fs';

import type { Plugin } from 'vite';

import { operationName } from '../src/api/operationName.ts';

const CALL = /\bgraphql\(\s*`([^`]*)`,?\s*\)/g;

export function inlineDocuments(manifest: string, runtime: string): Plugin {
  let documents: Map<string, { hash: string; text: string }> | null = null;
  const find = (name: string) => {
    documents ??= read(manifest);
    const found = documents.get(name);
    if (!found) throw new Error(`The manifest has no operation ${name}: npm run generate`);
    return found;
  };
  return {
    name: 'aftersales-documents',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || id.includes('/api/graphql/') || !code.includes('graphql(`')) {
        return null;
      }
      const inlined = code.replace(CALL, (_call, source: string) => {
        const name = operationName(source);
        // A fragment has no value: the operations that use it hold its text.
        if (!name) return '(undefined as never)';
        const { hash, text } = find(name);
        return `/*#__PURE__*/ __document(${JSON.stringify(hash)}, ${JSON.stringify(text)}) as never`;
      });
      return { code: `import { document as __document } from ${JSON.stringify(runtime)};\n${inlined}`, map: null };
    },
  };
}

function read(manifest: string) {
  if (!existsSync(manifest)) throw new Error(`${manifest} does not exist: npm run generate`);
  const texts = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string>;
  const documents = new Map<string, { hash: string; text: string }>();
  for (const [hash, text] of Object.entries(texts)) {
    const name = operationName(text);
    if (name) documents.set(name, { hash: hash.replace('sha256:', ''), text });
  }
  return documents;
}
