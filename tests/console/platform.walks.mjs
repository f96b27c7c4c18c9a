// The platform's staff: disputes, the calendar, plans, accounts, and the demo's clock.
import assert from 'node:assert/strict';

export const inEnglish = ['a dispute is ruled, leaves the queue, and its timeline tells it'];

export const walks = {
  async 'a dispute is ruled, leaves the queue, and its timeline tells it'(person) {
    const { page } = person;
    const rejected = person.t('审核不通过', 'Rejected');
    const ruling = person.t('平台裁决：商家处理', 'Rule: merchant makes good');
    await person.signIn('platform', { path: '/console/platform/escalations' });
    const row = page.locator('table tbody tr').filter({ hasText: rejected }).first();
    const number = await row.getByRole('link').innerText();
    await row.getByRole('link').click();
    await page.getByRole('heading', { name: person.t('申请平台介入', 'asked the platform') }).waitFor();
    await page.getByRole('button', { name: ruling, exact: true }).click();
    await page.getByText(person.t('须在 48 小时内按裁决处理', 'The merchant has 48 hours')).waitFor();
    await page.getByRole('spinbutton').fill('999999');
    await page.locator('.step-form textarea').fill('商品与描述不符，支持客户退款');
    const send = async () => {
      await page.locator('.step-form button[type=submit]').click();
      await page.getByRole('tooltip').getByRole('button', { name: person.t('裁 决', 'Rule'), exact: true }).click();
    };
    await send();
    await page.locator('.step-form .danger').waitFor(); // more than was paid
    await page.getByRole('spinbutton').fill('10');
    await send();
    await page.getByText(person.t('平台已裁决', 'The platform has ruled')).waitFor();
    await page.reload();
    const timeline = page.getByRole('list', { name: person.t('处理记录', 'Timeline') });
    await timeline.getByText(person.t('平台裁决：商家处理', 'Ruling: merchant makes good')).waitFor();
    await timeline.getByText('商品与描述不符，支持客户退款').waitFor();
    await page.getByText(person.t('待处理', 'Awaiting processing'), { exact: true }).first().waitFor();
    await page.getByRole('link', { name: person.t('返回纠纷裁决', 'Back to the disputes') }).click();
    await page.locator('table tbody tr').first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.getByText(number).count(), 0);
  },

  async 'a pause window is declared, changed and withdrawn'(person) {
    const { page } = person;
    await person.signIn('platform', { path: '/console/platform/calendar' });
    const drawer = page.getByRole('dialog');
    const year = new Date().getFullYear() + 2;
    const declare = async (name, from, to) => {
      await page.getByRole('button', { name: '新建暂停时段' }).first().click();
      await drawer.getByLabel('名称').fill(name);
      await drawer.getByLabel('开始').fill(from);
      await drawer.getByLabel('结束').fill(to);
      await drawer.getByText('计时停 3 天 0 小时').waitFor();
      await drawer.getByRole('button', { name: '保 存' }).click();
    };
    await declare('元旦', `${year}-01-01T00:00`, `${year}-01-04T00:00`);
    await drawer.waitFor({ state: 'detached' });
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: '元旦' });
    await row.getByText('未开始').waitFor();
    await declare('重叠', `${year}-01-02T00:00`, `${year}-01-05T00:00`);
    await drawer.getByRole('alert').getByText('重叠').waitFor();
    await drawer.getByRole('button', { name: '关闭' }).click();
    await row.getByRole('button', { name: '更 改' }).click();
    await drawer.getByLabel('结束').fill(`${year}-01-03T00:00`);
    await drawer.getByText('计时停 2 天 0 小时').waitFor();
    await drawer.getByRole('button', { name: '保 存' }).click();
    await row.getByText('2 天 0 小时').waitFor();
    await row.getByRole('button', { name: '撤 回' }).click();
    await page.getByRole('tooltip').getByRole('button', { name: '撤 回' }).click();
    await row.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('没有暂停时段').waitFor();
  },
};
