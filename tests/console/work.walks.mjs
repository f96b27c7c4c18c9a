// The work beside the reviews: parcels that arrive, and the people who do it.
import assert from 'node:assert/strict';

export const inBoth = [
  'a parcel is received and waits for its processing',
  'an employee gets a role, and is disabled',
];

export const walks = {
  async 'a parcel is received and waits for its processing'(person) {
    const { page, t } = person;
    await person.signIn('digital-processor', { path: '/console/receiving' });
    const rows = page.locator('main tbody tr');
    await rows.first().waitFor();
    const number = await rows.first().locator('button').first().innerText();
    await rows.first().locator('button').first().click();
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('button', { name: t('全部正常', 'All as it should be') }).click();
    await drawer.getByRole('button', { name: t('完成拆包登记', 'Register the receipt') }).click();
    await page.locator('.notices').getByText(t(`${number} 已登记收货`, `${number} is received`)).waitFor();
    await page.goto(`${person.url}/console/receiving?tab=received`);
    await page.getByRole('searchbox').or(page.getByLabel(t('扫描或输入运单号、服务单号', 'Scan or type a waybill or an order number'))).first().fill(number);
    await page.keyboard.press('Enter');
    await drawer.getByText(t('待处理', 'Awaiting processing')).first().waitFor();
  },

  async 'an employee gets a role, and is disabled'(person) {
    const { page, t } = person;
    await person.signIn('digital-owner', { path: '/console/staff' });
    const name = `Walker ${person.language} ${Date.now()}`;
    await page.getByRole('button', { name: t('新增员工', 'Add an employee') }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel(t('姓名', 'Name')).fill(name);
    await drawer.getByLabel(t(/^登录名/, /^Login/)).fill(`walker-${person.language}-${Date.now()}`);
    const password = drawer.getByLabel(t(/^初始密码/, /^First password/));
    await password.fill('password');
    await drawer.getByRole('combobox').click();
    await person.options().locator('.ant-select-item-option').first().click();
    await page.keyboard.press('Escape');
    const create = drawer.getByRole('button', { name: /创 ?建|Create/ });
    await create.click();
    await drawer.locator('label', { has: page.locator('input[type=password]') }).getByRole('alert').waitFor();
    await password.fill('walked-through-2026');
    await create.click();
    const row = page.locator('main tr', { hasText: name });
    await row.getByRole('button').click();
    await drawer.getByRole('button', { name: t('停用账号', 'Disable') }).click();
    await person.confirm();
    await drawer.getByRole('button', { name: t('启用账号', 'Enable') }).waitFor();
    await page.reload();
    await row.getByText(t('已停用', 'Disabled')).waitFor();
    assert.equal(await row.count(), 1);
  },
};
