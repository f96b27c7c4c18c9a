// What goes wrong: a server that does not answer, a permission that is taken away.
import assert from 'node:assert/strict';

const OWNER = 'digital-owner';
const UPDATE = `mutation($input: UpdateEmployeeInput!) { updateEmployee(input: $input) { employee { id } refusals { code } } }`;
const BROKEN = {
  json: { data: null, errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_ERROR', requestId: 'f00d' } }] },
};

export const inBoth = ['a permission that is taken away while one works is told, and its buttons go'];

export const walks = {
  async 'a list that cannot be loaded says so, and is asked for again'(person) {
    const { page, t } = person;
    person.expected.push(/Failed to load resource|ERR_FAILED/);
    await person.signIn(OWNER, { path: '/console/receiving?tab=sentOn' });
    const rows = page.locator('main tbody tr');
    await rows.first().waitFor();
    const failing = await person.failing('ReceivingList', BROKEN);
    await page.getByRole('tab', { name: t('待客户发货', 'Not sent yet') }).click();
    const alert = page.locator('main').getByRole('alert');
    await alert.getByText('f00d').waitFor();
    assert.equal(await rows.count(), 0);
    await failing.stop();
    await alert.getByRole('button').click();
    await rows.first().waitFor();
    await alert.waitFor({ state: 'detached' });
    // A later page that fails leaves the earlier ones, and comes by itself when the server is back.
    const first = await rows.count();
    const again = await person.failing('ReceivingList');
    await page.getByRole('button', { name: t('加载更多', 'Load more') }).click();
    await alert.getByText(t('没有收到服务器的应答', 'The server did not answer')).waitFor();
    assert.equal(await rows.count(), first);
    await again.stop();
    await rows.nth(first).waitFor();
    await alert.waitFor({ state: 'detached' });
  },

  async 'a server that has no time is told, and what is typed stays until it has'(person) {
    const { page, t } = person;
    person.expected.push(/Failed to load resource|WebSocket/);
    await person.signIn('digital-reviewer');
    const [id] = await person.waiting();
    await person.press('4');
    const text = page.locator('.review-form textarea');
    await text.fill('请问购买日期？');
    const busy = [await person.failing('Review', { status: 503, body: '' }), await person.failing('Viewer', { status: 503, body: '' })];
    const send = page.getByRole('button', { name: t('提交：询问客户', 'Send: Ask') });
    await send.click();
    await page.locator('.banner').getByText('503').waitFor();
    // The server is asked for the viewer when its probe answers: that this fails takes the page away from nobody.
    await page.waitForResponse(response => response.status() === 503 && response.request().postDataJSON()?.operationName === 'Viewer');
    assert.equal(await text.inputValue(), '请问购买日期？');
    for (const each of busy) await each.stop();
    await page.locator('.banner').waitFor({ state: 'detached' });
    await send.click();
    await page.locator('.notices').getByText(t('已提交“询问客户”', /^Ask: \d/)).waitFor();
    await page.goto(`${person.url}/console/orders/${id}`);
    await page.getByText('请问购买日期？').first().waitFor();
  },

  async 'a permission that is taken away while one works is told, and its buttons go'(person) {
    const { page, t } = person;
    await person.signIn('home-reviewer');
    await person.waiting();
    await person.press('4');
    const text = page.locator('.review-form textarea');
    await text.fill('请问型号？');
    const { employees } = await person.elsewhere('home-owner', '{ employees(first: 50) { nodes { id login name roles { id } } } }');
    const { id, roles } = employees.nodes.find(({ login }) => login === 'home-reviewer');
    const update = input => person.elsewhere('home-owner', UPDATE, { input: { id, ...input } });
    await update({ roleIds: [], extraPermissions: ['SERVICE_ORDER_READ'] });
    try {
      await page.getByRole('button', { name: t('提交：询问客户', 'Send: Ask') }).click();
      await person.panel().getByText(t('您没有审核权限', 'You may not review')).waitFor();
      assert.equal(await page.locator('.review-form').count(), 0);
    } finally {
      await update({ roleIds: roles.map(role => role.id), extraPermissions: [] });
    }
    await page.reload();
    await person.waiting();
    await person.press('4');
    await text.waitFor();
  },
};
