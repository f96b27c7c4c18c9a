import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

import { compressed } from './build/compress.ts';
import { inlineDocuments } from './build/documents.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MANIFEST = at('./src/api/graphql/persisted-documents.json');

export default defineConfig({
  base: '/console/',
  plugins: [
    {
      // Ant Design writes its styles into <style> elements, which the policy of the page forbids.
      name: 'aftersales-styles',
      enforce: 'pre',
      resolveId: source => (/\/Dom\/dynamicCSS$/.test(source) ? at('./src/theme/dynamicCSS.ts') : null),
    },
    inlineDocuments(MANIFEST, at('./src/api/document.ts')),
    react(),
    compressed(at('./dist'), MANIFEST),
  ],
  build: {
    target: 'es2022',
    outDir: 'dist',
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
  },
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:8000', ws: true }, '/evidence': 'http://127.0.0.1:8000' } },
});
