// Writes the types of the operations, and the manifest of their hashes, from the server's schema.
//
// The preset without graphql-codegen's command: that brings loaders of schemas from everywhere, and
// needs a newer Node than the rest.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { addTypenameSelectionDocumentTransform, preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildASTSchema, isInterfaceType, parse, Source } from 'graphql';

const console_ = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(console_, 'src');
const OUTPUT = join(SOURCES, 'api/graphql/');
const CALL = /\bgraphql\(\s*`([^`]*)`,?\s*\)/g;

const schema = parse(readFileSync(join(console_, '../../schema.graphql'), 'utf8'), { noLocation: true });
const schemaAst = buildASTSchema(schema);
const config = {
  enumType: 'string-literal',
  enumsAsTypes: true,
  strictScalars: true,
  useTypeImports: true,
  immutableTypes: true,
  scalars: { DateTime: 'string', Date: 'string', Money: 'string', JSON: 'unknown', Upload: 'File' },
};

// urql's cache adds `__typename` to each selection: a document that has it already keeps its hash.
const documents = addTypenameSelectionDocumentTransform.transform({ documents: sources(), schema, config: {}, pluginContext: {} });
const sections = await preset.buildGeneratesSection({
  baseOutputDir: OUTPUT,
  schema,
  schemaAst,
  documents,
  config,
  plugins: [],
  pluginMap: {},
  documentTransforms: [],
  presetConfig: {
    fragmentMasking: false,
    persistedDocuments: { mode: 'embedHashInDocument', hashPropertyName: 'hash', hashAlgorithm: 'sha256' },
  },
});
mkdirSync(OUTPUT, { recursive: true });
const written = await Promise.all(
  sections.map(async section => [section.filename, await codegen({ ...section, cache: undefined })]),
);
for (const [file, content] of written) writeFileSync(file, content);
writeFileSync(join(OUTPUT, 'possible-types.ts'), `export const possibleTypes = ${JSON.stringify(possibleTypes())};\n`);

/** What the cache must know to tell which fragments are meant: the types of each interface. */
function possibleTypes() {
  const interfaces = Object.values(schemaAst.getTypeMap()).filter(isInterfaceType);
  return Object.fromEntries(
    interfaces.map(type => [type.name, schemaAst.getPossibleTypes(type).map(({ name }) => name)]),
  );
}

function sources() {
  const found = [];
  for (const file of files(SOURCES)) {
    for (const [, text] of readFileSync(file, 'utf8').matchAll(CALL)) {
      try {
        found.push({ location: file, rawSDL: text, document: parse(new Source(text, file)) });
      } catch (error) {
        throw new Error(`${file}: ${error.message}`);
      }
    }
  }
  return found;
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return path === dirname(OUTPUT + 'x') ? [] : files(path);
      return /\.tsx?$/.test(entry.name) ? [path] : [];
    })
    .sort();
}
