// Exports: asked for with the filter of the desk, downloaded, cancelled.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const OWNER = 'digital-owner';
const PATH = '/console/exports';
const EXPORTS = '{ exports(first: 1) { nodes { id status } } }';

export const inBoth = ['the orders of the desk are exported with its filter'];

export const walks = {
  async 'the orders of the desk are exported with its filter'(person) {
    const { page, t } = person;
    await person.signIn(OWNER, { path: '/console/queue?tab=all&e=RETURN' });
    await person.waiting();
    await page.getByRole('button', { name: t('导出', 'Export'), exact: true }).click();
    const dialog = page.getByRole('dialog');
    const matching = dialog.getByText(t(/^符合条件 \d+ 单$/, /^\d+ orders match$/));
    const count = Number(/\d+/.exec(await matching.innerText())[0]);
    await dialog.getByRole('radio', { name: t('CSV 表格', 'CSV') }).check();
    await dialog.locator('summary').click();
    await dialog.getByRole('checkbox', { name: t('商品', 'Goods'), exact: true }).uncheck();
    await dialog.getByRole('button', { name: t('开始导出', 'Start the export') }).click();
    await page.waitForURL(`**${PATH}`);
    const row = page.getByRole('row').nth(1);
    await row.getByText(t('已完成', 'Done')).waitFor();
    const link = row.getByRole('link', { name: t('下载', 'Download') });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const lines = (await readFile(await download.path(), 'utf8')).split(/\r\n(?=\d{8})/);
    assert.equal(lines.length - 1, count);
    assert.ok(lines[0].includes(t('服务单号', 'Number')) && !lines[0].includes('SKU'));
    await page.reload();
    await row.getByText(t('有效期至', 'Until')).waitFor();
  },

  async 'the orders of an export are chosen by status and day'(person) {
    const { page, t } = person;
    await person.signIn(OWNER, { path: PATH });
    await page.getByRole('button', { name: t('新建导出', 'New export') }).click();
    const dialog = page.getByRole('dialog');
    const matching = dialog.getByText(t(/^符合条件 \d+ 单$/, /^\d+ orders match$/));
    const all = await matching.innerText();
    await dialog.getByRole('combobox', { name: t('状态', 'Status') }).click();
    await person.options().getByTitle(t('审核不通过', 'Rejected'), { exact: true }).click();
    await page.waitForFunction(was => ![...document.querySelectorAll('[role=status]')].some(each => each.innerText === was), all);
    await person.press('Escape');
    await dialog.locator('summary').click();
    const customer = dialog.getByRole('group', { name: t('客户', 'Customer') });
    await customer.getByRole('checkbox').first().check();
    await dialog.getByText(t('文件中为明文', 'the file shows them')).waitFor();
    for (const group of await dialog.getByRole('group').filter({ has: page.getByRole('checkbox') }).all()) {
      // The first click on a group in part chooses all of it.
      const whole = group.getByRole('checkbox').first();
      await whole.check();
      await whole.uncheck();
    }
    await dialog.getByText(t('请至少选择一列', 'Choose at least one column')).waitFor();
    await dialog.getByRole('button', { name: t('关闭', 'Close') }).click();
    await dialog.waitFor({ state: 'hidden' });
  },

  async 'an export that runs is cancelled, and the page tells what became of it'(person) {
    const { page, t } = person;
    await page.routeWebSocket('**/graphql', () => {});
    let held = null;
    await page.route('**/graphql', async route => {
      // It runs for less than a second: the page is shown the moment before it ended.
      const response = await route.fetch();
      const { data, ...rest } = await response.json();
      held ??= data?.exportServiceOrders?.export.id ?? null;
      const nodes = data?.exports?.nodes.map(node => (node.id === held ? { ...node, status: 'RUNNING' } : node));
      await route.fulfill({ response, json: { ...rest, data: nodes ? { ...data, exports: { ...data.exports, nodes } } : data } });
    });
    await person.signIn(OWNER, { path: PATH });
    await page.getByRole('button', { name: t('新建导出', 'New export') }).click();
    await page.getByRole('dialog').getByRole('button', { name: t('开始导出', 'Start the export') }).click();
    await page.getByRole('row').filter({ has: page.getByRole('progressbar') }).waitFor();
    const row = page.getByRole('row').nth(1);
    await row.getByRole('button', { name: t('取消导出', 'Cancel') }).click();
    held = '';
    await person.confirm();
    const cancelled = row.getByText(t('已取消', 'Cancelled'));
    await cancelled.or(row.getByRole('alert')).first().waitFor();
    const isCancelled = await cancelled.isVisible();
    await page.reload();
    const { exports } = await person.elsewhere(OWNER, EXPORTS);
    assert.equal(exports.nodes[0].status, isCancelled ? 'CANCELLED' : 'DONE');
    await row.getByText(isCancelled ? t('已取消', 'Cancelled') : t('已完成', 'Done')).waitFor();
  },
};
