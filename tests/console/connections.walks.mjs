// Webhooks and connectors. A receiver on this machine stands for the merchant's own system.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

const OWNER = 'digital-owner';
const PATH = '/console/connections';
const DECIDE = `mutation($input: ReviewServiceOrderInput!) {
  reviewServiceOrder(input: $input) { serviceOrder { id } refusals { code message } }
}`;
const WAITING = '{ serviceOrders(filter: { status: [PENDING_REVIEW] }, orderBy: DUE_AT_DESC, first: 1) { nodes { id } } }';

export const walks = {
  async 'a webhook is created, tested, heard, sent again, rotated, disabled and deleted'(person) {
    const { page, t } = person;
    const { address, received, close } = await receiver();
    await person.signIn(OWNER, { path: PATH });
    await page.getByRole('button', { name: t('新增 Webhook', 'Add a webhook') }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('textbox', { name: t('地址', 'Address') }).fill('http://');
    await drawer.getByRole('button', { name: t('创 建', 'Create') }).click();
    await drawer.getByRole('alert').waitFor();
    await drawer.getByRole('textbox', { name: t('地址', 'Address') }).fill(address);
    await drawer.getByRole('textbox', { name: t('说明', 'Description') }).fill('ERP');
    await drawer.getByRole('button', { name: t('创 建', 'Create') }).click();
    const secret = await drawer.getByText(/^whsec_/).innerText();
    await drawer.getByRole('button', { name: t('我已保存', 'I have kept it') }).click();
    await page.getByRole('button', { name: address }).click();
    assert.equal(await page.getByText(secret).count(), 0);

    await drawer.getByRole('button', { name: t('发送测试', 'Send a test') }).click();
    await drawer.getByText(t('测试已送达', 'The test was delivered')).waitFor();
    assert.equal(received.filter(({ type }) => type === 'ping').length, 1);

    const { serviceOrders } = await person.elsewhere(OWNER, WAITING);
    await person.elsewhere(OWNER, DECIDE, { input: { id: serviceOrders.nodes[0].id, decision: { approve: {} } } });
    const told = drawer.getByRole('row').filter({ hasText: 'service_order.approved' }).first(); // the clock approves, too
    await until(async () => {
      await drawer.getByRole('button', { name: t('刷 新', 'Refresh') }).click();
      return (await told.getByText(t('已送达', 'Delivered')).count()) > 0;
    });
    await told.getByText('HTTP 200').waitFor();
    const repeated = () => received.length - new Set(received.map(({ id }) => id)).size;
    assert.equal(repeated(), 0);
    await told.getByRole('button', { name: t('重新投递', 'Send again') }).click();
    await until(() => repeated() === 1);
    await drawer.getByText(t('投递失败', 'Failed'), { exact: true }).click();
    await drawer.getByText(t('没有投递记录', 'No deliveries')).waitFor();

    const step = async (name, isAsked = true) => {
      await drawer.getByRole('button', { name, exact: true }).click();
      if (isAsked) await person.confirm();
    };
    await step(t('更换密钥', 'Rotate the secret'));
    const fresh = await drawer.getByText(/^whsec_/).innerText();
    assert.notEqual(fresh, secret);
    await drawer.getByText(t('旧密钥同时有效至', 'The former secret signs until')).waitFor();
    await step(t('停 用', 'Disable'));
    await drawer.getByText(t('手动停用', 'Disabled')).waitFor();
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: address });
    await row.getByText(t('手动停用', 'Disabled')).waitFor();
    await page.getByRole('button', { name: address }).click();
    await step(t('启用并补投', 'Enable'), false);
    await drawer.getByText(t('已启用', 'Enabled'), { exact: true }).waitFor();
    await step(t('删 除', 'Delete'));
    await drawer.waitFor({ state: 'hidden' });
    await row.waitFor({ state: 'detached' });
    close();
  },

  async 'a connector is created, handed over and disabled'(person) {
    const { page, t } = person;
    const name = `ERP ${Date.now() % 1_000_000}`;
    await person.signIn(OWNER, { path: `${PATH}?tab=connectors` });
    await page.getByRole('button', { name: t('新增连接器', 'Add a connector') }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('textbox').fill(name);
    await drawer.getByRole('checkbox').first().check();
    await drawer.getByRole('button', { name: t('创 建', 'Create') }).click();
    await drawer.locator('.secret code').waitFor();
    await drawer.getByRole('button', { name: t('我已保存', 'I have kept it') }).click();
    await page.getByRole('button', { name }).click();
    const handOver = async employee => {
      await drawer.getByRole('combobox').click();
      await person.options().locator('.ant-select-item-option').filter({ hasText: employee }).click();
      await drawer.getByRole('button', { name: t('移 交', 'Hand over') }).click();
      await person.confirm();
    };
    await handOver('李审言'); // holds too little
    await drawer.getByRole('alert').waitFor();
    await handOver('周京生');
    await page.locator('.notices').getByText(t('已保存', 'Saved')).waitFor();
    await drawer.getByRole('alert').waitFor({ state: 'detached' });
    await drawer.getByRole('button', { name: t('停 用', 'Disable') }).click();
    await person.confirm();
    await drawer.getByRole('button', { name: t('停 用', 'Disable') }).waitFor({ state: 'detached' });
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: name });
    await row.getByText(t('已停用', 'Disabled')).waitFor();
  },

  async 'the platform grants a scope to the connector of a merchant'(person) {
    const { page, t } = person;
    await person.signIn('platform', { path: '/console/platform/merchants' });
    const drawer = page.getByRole('dialog');
    await page.getByRole('button', { name: '京北数码旗舰店' }).click();
    const scope = drawer.getByRole('group', { name: '支付网关' }).getByRole('checkbox');
    await scope.click();
    await scope.and(page.getByRole('checkbox', { checked: true })).waitFor();
    await page.reload();
    await page.getByRole('button', { name: '京北数码旗舰店' }).click();
    await scope.and(page.getByRole('checkbox', { checked: true })).waitFor();
    await scope.click();
    await scope.and(page.getByRole('checkbox', { checked: false })).waitFor();
  },
};

async function receiver() {
  const received = [];
  const server = createServer(async (request, response) => {
    const parts = await request.toArray();
    received.push({ id: request.headers['webhook-id'], type: JSON.parse(Buffer.concat(parts).toString()).type });
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return { address: `http://127.0.0.1:${server.address().port}/events`, received, close: () => server.close() };
}

async function until(holds) {
  for (let turn = 0; turn < 150; turn += 1) {
    if (await holds()) return;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  assert.fail('it did not come about');
}
