// Uses a demo from pages of two other origins, and prints what each could do: the page at the port
// given, whose origin the demo allows, and one at a port that it does not.
import { createServer } from 'node:http';

import { chromium } from 'playwright-core';

import { LOGIN, PASSWORD } from './desk.mjs';

const [url, executablePath, port] = process.argv.slice(2);

// Runs in the page.
async function use({ url, login, password }) {
  const outcomes = {};
  const attempt = async (name, work) => {
    try {
      outcomes[name] = await work();
    } catch (error) {
      outcomes[name] = error.name;
    }
  };
  let token = '';
  const post = (body, headers = {}) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      body: body instanceof FormData ? body : JSON.stringify(body),
      headers: {
        ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        'apollographql-client-name': 'front', // what a client adds for itself
        ...headers,
      },
    });
  const summary = '{ queueSummary { review { waiting } } }';
  const changed = `subscription { queueChanged { review { waiting } } }`;

  await attempt('sign in', async () => {
    const query = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }`;
    const answer = await post({ query, variables: { input: { login, password } } });
    token = (await answer.json()).data.signIn.accessToken;
    return answer.headers.get('x-request-id') !== null;
  });
  await attempt('query', async () => {
    for (let times = 0; times < 3; times += 1) {
      await (await post({ query: summary })).json();
    }
    const answer = await fetch(`${url}/graphql?query={serverTime}`);
    return 'data' in (await answer.json());
  });
  await attempt('read a refusal', async () => {
    const photo = new FormData(); // of a phone: larger than a request may be
    photo.append('0', new Blob([new Uint8Array(6_000_000)]), 'photo.jpg');
    const { code, evidenceRules } = (await (await post(photo)).json()).errors[0].extensions;
    return `${code}: ${evidenceRules.maxBytes}`;
  });
  let picture = `${url}/evidence/1/0.jpg`;
  await attempt('upload', async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    canvas.getContext('2d').fillRect(0, 0, 9, 9);
    const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
    const query = `mutation($input: UploadEvidenceInput!) {
      uploadEvidence(input: $input) { evidence { url width } } }`;
    const form = new FormData();
    form.append('operations', JSON.stringify({ query, variables: { input: { file: null } } }));
    form.append('map', JSON.stringify({ 0: ['variables.input.file'] }));
    form.append('0', blob, 'photo.png');
    const { evidence } = (await (await post(form)).json()).data.uploadEvidence;
    picture = new URL(evidence.url, url).href;
    return evidence.width;
  });
  await attempt('upload past GraphQL', async () => {
    const ask = async (name, given, shape) => {
      const input = `input: ${name[0].toUpperCase()}${name.slice(1)}Input!`;
      const query = `mutation($${input}) { ${name}(input: $input) { ${shape} } }`;
      return (await (await post({ query, variables: { input: given } })).json()).data[name];
    };
    const { upload } = await ask('prepareEvidenceUpload', {}, 'upload { id url }');
    const blob = await (await fetch(picture)).blob();
    await fetch(new URL(upload.url, url), { method: 'PUT', body: blob });
    const shape = 'evidence { width }';
    return (await ask('finishEvidenceUpload', { uploadId: upload.id }, shape)).evidence.width;
  });
  await attempt('download', async () => {
    const shown = await createImageBitmap(await (await fetch(picture)).blob());
    return shown.width;
  });
  await attempt('event stream', async () => {
    const answer = await post({ query: changed }, { accept: 'text/event-stream' });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('\n\n')) {
      text += (await reader.read()).value;
    }
    await reader.cancel();
    return text.includes('queueChanged');
  });
  await attempt('WebSocket', () => new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const send = message => socket.send(JSON.stringify(message));
    socket.onerror = () => reject(new TypeError());
    socket.onopen = () => send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    socket.onmessage = ({ data }) => {
      const { type, payload } = JSON.parse(data);
      if (type === 'connection_ack') {
        send({ type: 'subscribe', id: '1', payload: { query: changed } });
      } else if (type !== 'ping') {
        socket.close();
        resolve('queueChanged' in (payload.data ?? {}));
      }
    };
  }));
  return outcomes;
}

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
});
const results = {};
for (const [name, at] of [['allowed', Number(port)], ['another', 0]]) {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>A front end</title>');
  });
  await new Promise(resolve => server.listen(at, '127.0.0.1', resolve));
  const page = await browser.newPage();
  const preflights = [];
  const session = await page.context().newCDPSession(page);
  session.on('Network.requestWillBeSent', ({ type, request }) => {
    if (type === 'Preflight' || request.method === 'OPTIONS') {
      preflights.push(request.url);
    }
  });
  await session.send('Network.enable');
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const outcomes = await page.evaluate(use, { url, login: LOGIN, password: PASSWORD });
  results[name] = { ...outcomes, preflights: preflights.length };
  await page.close();
  server.closeAllConnections();
  server.close();
}
await browser.close();
console.log(JSON.stringify(results));
