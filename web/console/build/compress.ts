// Writes a gzip and a Brotli form beside each file of the build, and the manifest of its documents.
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';

const MIN_BYTES = 1024;

export function compressed(folder: string, manifest: string): Plugin {
  return {
    name: 'aftersales-compressed',
    apply: 'build',
    writeBundle() {
      for (const name of readdirSync(join(folder, 'assets'))) {
        const file = join(folder, 'assets', name);
        const content = readFileSync(file);
        if (content.length < MIN_BYTES) continue;
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(content, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
        }));
      }
      // Last: the server takes a folder without it for one that is not built.
      copyFileSync(manifest, join(folder, 'documents.json'));
    },
  };
}
