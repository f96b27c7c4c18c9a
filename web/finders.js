// Fills an operation's variables with what fits now: orders that wait for the step that it takes.
//
// A finder is a list of steps { query, take, token? }. A step is a request with the values found so
// far, and `take` says where its answer has values: `orders.nodes.0.id`, `orders.nodes.*.id` for a
// list, `reasons.?own.0` for those with a field, `customer.phone[-4:]` for the end of a text,
// `serverTime[:7]` for its beginning. The steps run until every variable is found.

import { say } from './language.js';

const NOTHING_FITS =
  '没有合适的服务单, 请自己填写变量 · No order fits now: write the variables yourself';
const PLACEHOLDER = /"<[^"]*>"/;
const filled = new Set(); // what this page wrote: it may be replaced, what a person typed may not

// Resolves to the request with its variables, or to { answer } if they cannot be found.
export async function complete(params, finders, send) {
  const name = params.operationName ?? /(?:query|mutation|subscription)\s+(\w+)/.exec(params.query)?.[1];
  const steps = finders[name] ?? [];
  const wanted = steps
    .flatMap(step => Object.keys(step.take))
    .filter(key => isOurs(params.variables?.[key]));
  const values = { unique: crypto.randomUUID() };
  for (const { query, take, token } of steps) {
    if (wanted.every(key => key in values)) {
      break;
    }
    const answer = await send({ query, variables: values }, token);
    if (answer.errors) {
      return { answer };
    }
    for (const [key, path] of Object.entries(take)) {
      const value = at(answer.data, path);
      if (value !== undefined) {
        values[key] = value;
      }
    }
  }
  if (!wanted.every(key => key in values)) {
    return { answer: { errors: [{ message: say(NOTHING_FITS) }] } };
  }
  const found = Object.fromEntries(wanted.map(key => [key, values[key]]));
  Object.values(found).forEach(value => filled.add(JSON.stringify(value)));
  return { params: { ...params, variables: { ...params.variables, ...found } }, found };
}

function isOurs(value) {
  const text = JSON.stringify(value);
  return text !== undefined && (PLACEHOLDER.test(text) || filled.has(text));
}

// The value at a path; undefined if there is none, or no item of a list.
export function at(value, path) {
  const [, keys, end, beginning] = /^(.*?)(?:\[(?:-(\d+):|:(\d+))\])?$/.exec(path);
  const result = keys.split('.').reduce((values, key) => step(values, key), value);
  if (typeof result !== 'string') {
    return result;
  }
  return end ? result.slice(-Number(end)) : result.slice(0, beginning && Number(beginning));
}

function step(value, key) {
  if (Array.isArray(value) && key === '*') {
    return value.length ? value : undefined;
  }
  if (Array.isArray(value) && key.startsWith('?')) {
    return value.filter(item => item?.[key.slice(1)]);
  }
  if (Array.isArray(value) && !/^\d+$/.test(key)) {
    return value.map(item => item?.[key]);
  }
  return value?.[key] ?? undefined;
}
