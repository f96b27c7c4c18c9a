// Prints the script that the queue's first view loads, compressed with gzip, and fails beyond the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 250_000;
const FIRST = ['index.html', 'src/shell/Shell.tsx', 'src/pages/queue/Queue.tsx'];

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const files = new Set();

function add(key) {
  const { file, imports = [] } = manifest[key];
  if (files.has(file)) return;
  files.add(file);
  imports.forEach(add);
}

FIRST.forEach(add);

let sum = 0;
for (const file of files) {
  const size = gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;
  sum += size;
  console.log(`${String(size).padStart(8)}  ${file}`);
}
console.log(`${String(sum).padStart(8)}  first view of the queue, gzip; budget ${BUDGET}`);
process.exit(sum > BUDGET ? 1 : 0);
