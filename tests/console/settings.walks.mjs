// The settings of a merchant.
import assert from 'node:assert/strict';

const OWNER = 'digital-owner';
const HOME = 'home-owner';
const SET_RULES = `mutation($input: SetReturnAddressRulesInput!) {
  setReturnAddressRules(input: $input) { merchant { returnAddressRules { version } } refusals { code } }
}`;
const REJECT = 'mutation($input: RejectEnrolmentInput!) { rejectEnrolment(input: $input) { refusals { code } } }';
const RULES = '{ returnAddresses { id } viewer { merchant { returnAddressRules { version rules { kind value returnAddressId } } } } }';

export const inBoth = ['a return address is saved, and what is refused stands at its field'];

export const walks = {
  async 'a return address is saved, and what is refused stands at its field'(person) {
    const { page, t } = person;
    await person.signIn(OWNER, { path: '/console/settings/addresses' });
    await page.getByRole('button', { name: t('新增地址', 'Add an address') }).click();
    const drawer = page.getByRole('dialog');
    const contact = t('刘收货', 'Receiver Liu');
    await drawer.getByLabel(t('联系人', 'Recipient')).fill(contact);
    await drawer.getByLabel(t('电话', 'Phone')).fill('13800000000');
    await drawer.getByRole('combobox').click();
    for (const name of ['广东省', '深圳市', '福田区']) await page.locator('.ant-cascader-menu-item', { hasText: name }).click();
    await drawer.getByLabel(t('详细地址', 'Street and number')).fill('深南大道1号');
    const zip = drawer.getByLabel(t('邮政编码', 'Postal code'));
    await zip.fill('12');
    const save = drawer.getByRole('button', { name: /保 ?存|Save/ });
    await save.click();
    await drawer.locator('label.field', { hasText: t('邮政编码', 'Postal code') }).getByRole('alert').waitFor();
    await zip.fill('518000');
    await save.click();
    const row = page.locator('main tr', { hasText: contact });
    await row.getByText('广东省 深圳市 福田区').waitFor();
    await page.reload();
    await row.getByRole('button').click();
    await drawer.getByText('广东省 / 深圳市 / 福田区').waitFor();
    await drawer.getByRole('button', { name: t('删除地址', 'Delete the address') }).click();
    await person.confirm();
    await row.waitFor({ state: 'detached' });
  },

  async 'address rules hold in their order, and those of a colleague are not overwritten'(person) {
    const { page, t } = person;
    await person.signIn(HOME, { path: '/console/settings/address-rules' });
    const rules = page.getByRole('list', { name: t('退货地址规则', 'Address rules') });
    const value = index => page.getByRole('group', { name: t(`规则 ${index}`, `Rule ${index}`) }).getByLabel(t('值', 'Value'));
    await value(2).waitFor();
    const before = await value(2).inputValue();
    await page.getByRole('group', { name: t('规则 2', 'Rule 2') }).getByRole('button', { name: t('上 移', 'Up') }).click();
    assert.equal(await value(1).inputValue(), before);
    await page.getByRole('button', { name: t('新增规则', 'Add a rule') }).click();
    await value(3).fill('HM');
    await page.getByRole('button', { name: t('保 存', 'Save') }).click();
    await page.locator('.notices').getByText(t('已保存', 'Saved')).waitFor();
    await page.reload();
    await value(3).waitFor();
    assert.equal(await value(1).inputValue(), before);
    // Which rule an order takes.
    await page.locator('.order-choice').click();
    await person.options().locator('.ant-select-item-option').first().click();
    await page.getByRole('status').getByText(t(/^SKU 前缀 HM/, /^SKU begins with HM/)).waitFor();
    // A colleague saves first.
    const { viewer } = await person.elsewhere(HOME, RULES);
    const { version, rules: known } = viewer.merchant.returnAddressRules;
    const input = { rules: known.slice(0, 2), expectedVersion: version };
    assert.deepEqual((await person.elsewhere(HOME, SET_RULES, { input })).setReturnAddressRules.refusals, []);
    await value(3).fill('HM-9');
    await page.getByRole('button', { name: t('保 存', 'Save') }).click();
    await page.locator('main').getByRole('alert').waitFor();
    assert.equal(await value(3).inputValue(), 'HM-9');
    await page.getByRole('button', { name: t('读取最新规则', 'Load the present rules') }).click();
    await person.confirm();
    await value(3).waitFor({ state: 'detached' });
    await rules.getByText(t('其他商品', 'Other goods')).waitFor();
  },

  async 'a rejected merchant reads why and applies again'(person) {
    const { page, t } = person;
    const reason = '化妆品备案凭证已过期';
    await person.signIn('beauty-owner', { path: '/console/settings/enrolment' });
    await page.getByRole('alert').getByText(reason).waitFor();
    await page.getByRole('list', { name: t('准备情况', 'What is needed') }).getByText(t('默认退货地址', 'Default return address')).waitFor();
    await page.getByRole('button', { name: t('再次申请', 'Apply again') }).click();
    await page.getByText(t('申请已提交，等待平台审核', 'The application is with the platform')).waitFor();
    await page.reload();
    await page.getByText(t('申请已提交，等待平台审核', 'The application is with the platform')).waitFor();
    assert.equal(await page.getByRole('button', { name: t('再次申请', 'Apply again') }).count(), 0);
    const { viewer } = await person.elsewhere('beauty-owner', '{ viewer { merchant { id } } }');
    await person.elsewhere('platform', REJECT, { input: { merchantId: viewer.merchant.id, reason } });
  },

  async 'targets and business hours are saved, and a target beyond the window is refused'(person) {
    const { page, t } = person;
    await person.signIn('outdoor-owner', { path: '/console/settings/targets' });
    const [target, end, city] = t([8, '24:00', 'Urumqi'], [9, '23:30', 'Hong_Kong']);
    const review = page.getByRole('group', { name: t('待审核', 'Review') });
    const save = page.locator('form', { has: review }).getByRole('button', { name: t('保 存', 'Save') });
    const hours = review.getByRole('spinbutton');
    await hours.fill('49');
    await save.click();
    await review.getByRole('alert').waitFor();
    await hours.fill(String(target));
    await page.getByText(t('只计营业时间', 'Business hours only')).click();
    const closes = page.getByLabel(t('周一 1: 结束', 'Monday 1: closes'));
    await closes.fill('08:00');
    await save.click();
    await page.getByRole('group', { name: t('周一', 'Monday') }).getByRole('alert').waitFor();
    await closes.fill(end);
    await page.getByRole('button', { name: t('应用到每天', 'Use for all days') }).click();
    await save.click();
    await page.locator('.notices').getByText(t('已保存', 'Saved')).waitFor();
    await page.reload();
    const sunday = page.getByLabel(t('周日 1: 结束', 'Sunday 1: closes'));
    await sunday.waitFor();
    assert.equal(await sunday.inputValue(), end);
    assert.equal(Number(await hours.inputValue()), target);
    // The time zone holds for the times on all pages.
    const zone = page.locator('form', { has: page.getByText(t('当地时间', 'There it is')) });
    await zone.getByRole('combobox').fill(city);
    await page.keyboard.press('Enter');
    await zone.getByRole('button', { name: t('保 存', 'Save') }).click();
    await page.locator('.notices').getByText(t('已保存', 'Saved')).first().waitFor();
    await page.reload();
    await zone.getByText(`Asia/${city}`).waitFor();
  },

  async 'a reason and a note template are made, tried and put away'(person) {
    const { page, t } = person;
    const drawer = page.getByRole('dialog');
    await person.signIn(OWNER, { path: '/console/settings/reasons' });
    await page.getByText(t('审核原因', 'Of reviews')).click();
    await page.getByRole('button', { name: t('新增原因', 'Add a reason') }).click();
    const name = `Reason ${person.language} ${Date.now()}`;
    await drawer.getByLabel(t(/^中文名称/, /^Name in Chinese/)).fill(name);
    const create = drawer.getByRole('button', { name: /创 ?建|Create/ });
    await create.click();
    await drawer.getByRole('group', { name: t('适用决定', 'Decisions') }).getByRole('alert').waitFor();
    await drawer.getByLabel(t('驳回', 'Reject')).check();
    await create.click();
    const row = page.locator('main tr', { hasText: name });
    await row.getByRole('button', { name: t('停用', 'Retire') }).click();
    await person.confirm();
    await row.getByText(t('已停用', 'Retired')).waitFor();
    await row.getByRole('button', { name: t('恢复', 'Restore') }).click();
    await row.getByText(t('使用中', 'In use')).waitFor();

    await page.getByRole('tab', { name: t('留言模板', 'Note templates') }).click();
    await page.getByRole('button', { name: t('新增模板', 'Add a template') }).click();
    const template = `Template ${person.language} ${Date.now()}`;
    await drawer.getByLabel(t('名称', 'Name'), { exact: true }).fill(template);
    const text = drawer.getByLabel(t('中文内容', 'Text in Chinese'), { exact: true });
    await text.fill('{order} ');
    await create.click();
    await drawer.getByRole('alert').waitFor();
    await text.fill('服务单 ');
    await drawer.getByRole('button', { name: t('中文内容: 服务单号', 'Text in Chinese: Number') }).click();
    assert.equal(await text.inputValue(), '服务单 {number}');
    await create.click();
    await drawer.locator('.order-choice').click();
    await person.options().locator('.ant-select-item-option').first().click();
    await drawer.getByRole('status').getByText(/^服务单 \d{10,}$/).waitFor();
    await drawer.getByRole('button', { name: t('删除模板', 'Delete the template') }).click();
    await person.confirm();
    await page.locator('main tr', { hasText: template }).waitFor({ state: 'detached' });
  },
};
