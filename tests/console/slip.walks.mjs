// The slip of an order: what is printed, and that its barcode is the number.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const CODE = new URL('../../web/console/src/pages/slip/code128.ts', import.meta.url);
const APPROVED = '{ serviceOrders(filter: { status: [AWAITING_RECEIPT] }, first: 1) { nodes { id number inbound { waybill } } } }';
const [START_C, STOP, MODULUS] = [105, 106, 103];

export const walks = {
  async 'a slip is printed without the console around it'(person) {
    const { page } = person;
    const { serviceOrders } = await person.elsewhere('digital-owner', APPROVED);
    const { id, number, inbound } = serviceOrders.nodes[0];
    await person.signIn('digital-processor', { path: `/console/receiving?o=${id}` });
    await page.getByRole('dialog').getByRole('link', { name: person.t('打印', 'Print') }).click();
    const sheet = page.getByRole('article');
    await sheet.getByRole('heading', { name: number }).waitFor();
    await sheet.getByText(inbound.waybill).waitFor();
    const bars = await sheet.getByRole('img', { name: number }).locator('path').getAttribute('d');
    assert.equal(await decoded(bars), number);

    for (const [paper, width] of [['A5', 420], ['A4', 595]]) {
      await page.getByText(paper, { exact: true }).click();
      await page.emulateMedia({ media: 'print' });
      await page.locator('.shell-side').waitFor({ state: 'hidden' });
      const printed = await page.evaluate(() => document.body.innerText);
      assert.ok(printed.includes(number));
      for (const shell of [person.t('工作台', 'Desk'), person.t('返回服务单', 'Back to the order'), person.t('打印\n', 'Print\n')]) {
        assert.ok(!printed.includes(shell), shell);
      }
      // The navigation is links: a file without one does not hold it.
      const file = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
      assert.equal(file.match(/\/Type\s*\/Page\b/g).length, 1);
      assert.equal(Math.round(Number(/\/MediaBox\s*\[0 0 ([\d.]+)/.exec(file)[1])), width);
      assert.ok(!file.includes('/URI'));
      await page.emulateMedia({ media: 'screen' });
    }
  },
};

/** Reads the bars of Code 128 in its set C, by the table of the standard. */
async function decoded(path) {
  const source = await readFile(CODE, 'utf8');
  const patterns = source.slice(source.indexOf('PATTERNS'), source.indexOf('.split')).match(/\b\d{6,7}\b/g);
  assert.equal(new Set(patterns).size, STOP + 1);
  assert.deepEqual([patterns[0], patterns[START_C], patterns[STOP]], ['212222', '211232', '2331112']);
  assert.ok(patterns.slice(0, STOP).every(pattern => [...pattern].reduce((sum, digit) => sum + Number(digit), 0) === 11));
  const bars = [...path.matchAll(/M(\d+) 0h(\d+)/g)].map(([, at, width]) => [Number(at), Number(width)]);
  const widths = bars.flatMap(([at, width], index) => (bars[index + 1] ? [width, bars[index + 1][0] - at - width] : [width]));
  const runs = widths.join('');
  assert.ok(runs.endsWith(patterns[STOP]));
  const [start, ...values] = runs.slice(0, -7).match(/.{6}/g).map(run => patterns.indexOf(run));
  const check = values.pop();
  assert.equal(start, START_C);
  assert.equal(values.reduce((sum, value, index) => sum + value * (index + 1), start) % MODULUS, check);
  return values.map(value => String(value).padStart(2, '0')).join('');
}
