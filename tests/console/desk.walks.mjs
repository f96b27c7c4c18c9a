// The desk: queue, review, order, batch, and what goes wrong.
import assert from 'node:assert/strict';

const REVIEWER = 'digital-reviewer';
const SUPERVISOR = 'digital-supervisor';
const DECIDE = `mutation($input: ReviewServiceOrderInput!) {
  reviewServiceOrder(input: $input) { serviceOrder { id } refusals { code message } }
}`;
const APPROVE = { approve: {} };

export const inBoth = [
  'from signing in to a decision in three clicks',
  'two keys decide, and the order page tells it',
  'what a colleague decided meanwhile is shown in its place',
  'a session that has ended is begun again over the page',
  'a batch is planned, carried out and told for each order',
];

export const walks = {
  async 'from signing in to a decision in three clicks'(person) {
    const { page, t } = person;
    const counted = await person.counting();
    await person.open();
    await page.getByRole('button', { name: t('审核员', 'Reviewer') }).click();
    const [id] = await person.waiting();
    await person.row(id).locator('.c-number button').click();
    await page.getByRole('button', { name: t('提交：同意', 'Send: Approve') }).click();
    await person.row(id).getByText(t('待客户发货', 'Awaiting shipment')).waitFor();
    assert.deepEqual(await counted(), { clicks: 3, keys: 0 });
    // The next one is open already, and the page is the same after it is loaded again.
    const next = new URL(page.url()).searchParams.get('o');
    assert.notEqual(next, id);
    await page.reload();
    await person.row(next).waitFor();
  },

  async 'two keys decide, and the order page tells it'(person) {
    const { page, t } = person;
    const counted = await person.counting();
    await person.signIn(REVIEWER);
    const [id] = await person.waiting();
    const { clicks } = await counted();
    await person.press('1');
    await page.locator('.review-form button[type=submit]:focus').waitFor();
    await person.press('Enter');
    const status = t('待客户发货', 'Awaiting shipment');
    await person.row(id).getByText(status).waitFor();
    assert.deepEqual(await counted(), { clicks, keys: 2 });
    await page.goto(`${person.url}/console/orders/${id}`);
    await page.getByRole('list', { name: t('处理记录', 'Timeline') }).getByText(t('同意客户发货', 'Approved')).waitFor();
    await page.getByText(status).first().waitFor();
  },

  async 'what a colleague decided meanwhile is shown in its place'(person) {
    const { page, t } = person;
    await page.routeWebSocket('**/graphql', () => {}); // the page hears of nothing
    await person.signIn(REVIEWER);
    const [id] = await person.waiting();
    await person.press('2');
    await page.locator('.reasons select').selectOption({ index: 1 });
    await page.locator('.review-form textarea').fill('已超出售后期');
    const { reviewServiceOrder } = await person.elsewhere(SUPERVISOR, DECIDE, { input: { id, decision: APPROVE } });
    assert.deepEqual(reviewServiceOrder.refusals, []);
    await page.getByRole('button', { name: t('提交：驳回', 'Send: Reject') }).click();
    const status = t('待客户发货', 'Awaiting shipment');
    await person.panel().getByText(status).first().waitFor();
    await page.getByText(t(/：同意客户发货/, /^Approve, by /)).first().waitFor();
    await person.row(id).getByText(status).waitFor();
  },

  async 'a live update changes a row where it is, and the counters'(person) {
    const { page, t } = person;
    await person.signIn(REVIEWER);
    const ids = await person.waiting();
    const count = page.locator('.desk-tabs button').first().locator('.count').first();
    await count.waitFor();
    await page.locator('.live-on').waitFor();
    const before = Number(await count.innerText());
    await person.elsewhere(SUPERVISOR, DECIDE, { input: { id: ids[1], decision: APPROVE } });
    await person.row(ids[1]).getByText(t('待客户发货', 'Awaiting shipment')).waitFor();
    await page.waitForFunction(
      ([was]) => Number(document.querySelector('.desk-tabs .count').textContent) < was,
      [before],
    );
    const after = await person.rows().evaluateAll(rows => rows.map(row => row.dataset.id));
    assert.deepEqual(after.slice(0, ids.length), ids);
  },

  async 'nothing typed is lost with the connection, and it is sent once'(person) {
    const { page, t } = person;
    person.expected.push(/ERR_FAILED|ERR_INTERNET|Failed to load resource|WebSocket/);
    await page.routeWebSocket('**/graphql', () => {}); // the page hears of nothing
    await person.signIn(REVIEWER);
    const [id] = await person.waiting();
    await person.press('1');
    await page.locator('.review-form textarea').fill('请附上发票');
    const keys = [];
    let isLost = true;
    await page.route('**/{graphql,healthz}', async route => {
      const sent = route.request().postDataJSON();
      const key = sent?.variables?.input?.idempotencyKey;
      if (key) keys.push(key);
      if (!isLost) return route.continue();
      if (key) await route.fetch(); // it arrives, but its answer does not
      return route.abort();
    });
    await page.getByRole('button', { name: t('提交：同意', 'Send: Approve') }).click();
    await page.locator('.banner').waitFor();
    assert.equal(await page.locator('.review-form textarea').inputValue(), '请附上发票');
    isLost = false;
    await page.locator('.banner').getByRole('button').click();
    await page.locator('.banner').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: t('提交：同意', 'Send: Approve') }).click();
    await page.locator('.notices').getByText(t('已提交“同意”', /^Approve: \d/)).waitFor();
    await person.row(id).waitFor({ state: 'detached' }); // the list was asked for again
    assert.equal(new Set(keys).size, 1);
    assert.equal(keys.length, 2);
  },

  async 'a session that has ended is begun again over the page'(person) {
    const { page, t } = person;
    await person.signIn(REVIEWER);
    const [id] = await person.waiting();
    await person.press('4');
    await page.locator('.review-form textarea').fill('请问序列号是多少？');
    await person.elsewhere(REVIEWER, 'mutation { endSessions(input: {}) { refusals { code } } }');
    await page.getByRole('button', { name: t('提交：询问客户', 'Send: Ask') }).click();
    const dialog = page.getByRole('dialog', { name: t('登录已过期', 'Your session has ended') });
    await dialog.locator('input[name=login]').fill(REVIEWER);
    await dialog.locator('input[name=password]').fill('aftersales-demo');
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.locator('.review-form textarea').inputValue(), '请问序列号是多少？');
    await page.getByRole('button', { name: t('提交：询问客户', 'Send: Ask') }).click();
    await person.row(id).getByText(t('待客户反馈', 'Awaiting answer')).waitFor();
  },

  async 'a batch is planned, carried out and told for each order'(person) {
    const { page, t } = person;
    await person.signIn(REVIEWER);
    const ids = await person.waiting();
    await person.row(ids[0]).getByRole('checkbox').click();
    await person.row(ids[3]).getByRole('checkbox').click({ modifiers: ['Shift'] });
    await page.getByRole('button', { name: t('批量审核', 'Review together') }).click();
    const dialog = page.getByRole('dialog', { name: t('批量审核 4 单', 'Review 4 orders') });
    await dialog.getByRole('button', { name: t('预 演', 'Plan') }).click();
    await dialog.getByText(t('可执行 4 单，不可执行 0 单', '4 can be decided, 0 cannot')).waitFor();
    const taken = { input: { id: ids[1], decision: { recordGiveUp: { customerNote: '不退了' } } } };
    await person.elsewhere(SUPERVISOR, DECIDE, taken);
    await dialog.getByRole('button', { name: t('执行 4 单', 'Carry out 4') }).click();
    // Of one application, the plan holds for all or for none: then the rest is tried again.
    const end = dialog.getByText(t('已完成 3 单，未完成 1 单', '3 done, 1 not'));
    const again = dialog.getByRole('button', { name: t(/重试剩余 \d 单/, /Try the other \d again/) });
    await end.or(again).waitFor();
    if (await again.isVisible()) await again.click();
    await end.waitFor();
    await person.row(ids[3]).getByText(t('待客户发货', 'Awaiting shipment')).waitFor();
  },

  async 'one box finds an order by its number, and says when there is none'(person) {
    const { page, t } = person;
    await person.signIn(REVIEWER);
    const [, id] = await person.waiting();
    const number = await person.row(id).locator('.c-number').innerText();
    await person.press('/');
    await page.keyboard.insertText(number);
    await page.waitForFunction(() => document.querySelectorAll('.desk-table tbody tr').length === 1);
    await person.row(id).waitFor();
    await page.getByRole('searchbox').fill('无此人');
    await page.getByText(t('没有找到服务单', 'No order was found')).waitFor();
  },

  async 'a picture that is too large is made small and uploaded'(person) {
    const { page, t } = person;
    await person.signIn(REVIEWER);
    await person.waiting();
    await person.press('1');
    await page.locator('.dropzone').waitFor();
    const large = await page.evaluate(async () => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 5000, height: 3000 });
      canvas.getContext('2d').fillRect(0, 0, 2500, 3000);
      const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    });
    const files = { name: 'large.png', mimeType: 'image/png', buffer: Buffer.from(large) };
    await page.locator('.review-form input[type=file]').first().setInputFiles(files);
    await page.locator('.thumbnail-done').waitFor();
  },
};
