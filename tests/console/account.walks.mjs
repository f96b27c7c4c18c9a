// One's own account: devices, password, reset codes, single sign-on.
import assert from 'node:assert/strict';

import { PASSWORD } from './person.mjs';

const CHANGED = 'walked-through-2026';
const ISSUE = `mutation($input: IssueEmployeePasswordResetInput!) {
  issueEmployeePasswordReset(input: $input) { code refusals { code } }
}`;

export const inEnglish = ['a device is signed out, and all others'];

export const walks = {
  async 'a device is signed out, and all others'(person) {
    const { page } = person;
    const login = 'outdoor-readonly';
    await person.elsewhere(login, '{ viewer { id } }');
    await person.signIn(login);
    await page.getByRole('button', { name: person.t('账号', 'Account') }).click();
    await page.getByRole('link', { name: person.t('我的账号', 'My account') }).click();
    const rows = page.getByRole('table', { name: person.t('登录设备', 'Devices') }).locator('tbody tr');
    const own = rows.filter({ hasText: person.t('本机', 'This one') });
    await own.waitFor();
    assert.match(await own.innerText(), /Chrome/);
    const before = await rows.count();
    await rows.filter({ hasText: 'node' }).first().getByRole('button').click();
    await person.confirm();
    await page.waitForFunction(count => document.querySelectorAll('main tbody tr').length < count, before);
    await person.elsewhere(login, '{ viewer { id } }');
    await page.getByRole('button', { name: person.t('退出其他设备', 'End all others') }).click();
    await person.confirm();
    await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
    await page.reload();
    await own.waitFor();
    assert.equal(await rows.count(), 1);
  },

  async 'a password is changed, and what is refused stands at its field'(person) {
    const { page } = person;
    await person.signIn('outdoor-supervisor', { path: '/console/account' });
    const form = page.locator('form', { has: page.getByLabel('再次输入新密码') });
    const change = async (current, next, again = next) => {
      await form.getByLabel('当前密码').fill(current);
      await form.getByLabel(/^新密码/).fill(next);
      await form.getByLabel('再次输入新密码').fill(again);
      await form.getByRole('button', { name: '修改密码' }).click();
    };
    await change(PASSWORD, CHANGED, 'another');
    await form.getByText('两次输入的新密码不一致').waitFor();
    await change('wrong', CHANGED);
    await form.locator('label', { hasText: '当前密码' }).getByText('密码错误').waitFor();
    await change(PASSWORD, 'password');
    await form.locator('label', { hasText: '不限种类' }).getByRole('alert').waitFor();
    await change(PASSWORD, CHANGED);
    await page.locator('.notices').getByText('密码已修改').waitFor();
    assert.equal(await form.getByLabel('当前密码').inputValue(), '');
    await change(CHANGED, PASSWORD);
    await page.locator('.notices').getByText('密码已修改').nth(1).waitFor();
  },

  async 'a forgotten password is set by a code'(person) {
    const { page } = person;
    const login = 'outdoor-processor';
    const { employees } = await person.elsewhere('outdoor-owner', '{ employees(first: 50) { nodes { id login } } }');
    const { id } = employees.nodes.find(employee => employee.login === login);
    const { issueEmployeePasswordReset: issued } = await person.elsewhere('outdoor-owner', ISSUE, { input: { id } });
    await page.addInitScript(() => localStorage.setItem('aftersales:console:tour-seen', '1'));
    await page.goto(`${person.url}/console`);
    await page.getByRole('button', { name: '使用重置码' }).click();
    const form = page.locator('form');
    await form.getByLabel('账号').fill(login);
    await form.getByLabel(/^重置码/).fill('AAAA-AAAA');
    await form.getByLabel(/^新密码/).fill(CHANGED);
    await form.getByLabel('再次输入新密码').fill(CHANGED);
    await form.getByRole('button', { name: '设置新密码' }).click();
    await form.locator('label', { hasText: '重置码' }).getByRole('alert').waitFor();
    await form.getByLabel(/^重置码/).fill(issued.code.toLowerCase());
    await form.getByRole('button', { name: '设置新密码' }).click();
    await page.getByText('新密码已生效').waitFor();
    assert.equal(await page.locator('input[name=login]').inputValue(), login);
    await page.locator('input[name=password]').fill(CHANGED);
    await page.locator('button[type=submit]').click();
    await page.getByRole('navigation', { name: '导航' }).waitFor();
  },

  async 'single sign-on is linked in a tab of its own, with the password'(person) {
    const { page } = person;
    await person.signIn('outdoor-owner', { path: '/console/account' });
    const link = page.getByRole('button', { name: '关联单点登录' });
    await link.click();
    await page.getByRole('alert').getByText('未设置单点登录').waitFor();
    // The provider sends the person back at once. What it vouches for is not true, and the server says so.
    const begun = { authorizationUrl: `${person.url}/console/sso?code=c&state=s`, transaction: 'none', refusals: [], __typename: 'BeginSingleSignOnPayload' };
    const provider = await person.failing('BeginSingleSignOn', { json: { data: { beginSingleSignOn: begun } } });
    const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    await tab.getByLabel('当前密码').fill(PASSWORD);
    await tab.getByRole('button', { name: '关联单点登录' }).click();
    await tab.getByRole('alert').waitFor();
    await provider.stop();
  },

  async 'a provider that does not answer is told at its field'(person) {
    const { page } = person;
    await person.signIn('outdoor-owner', { path: '/console/account' });
    const form = page.locator('form', { has: page.getByLabel(/^签发者地址/) });
    await form.getByLabel(/^签发者地址/).fill('https://provider.invalid');
    await form.getByLabel('客户端 ID').fill('console');
    await form.getByLabel('当前密码').fill(PASSWORD);
    await form.getByRole('button', { name: '保 存' }).click();
    await form.locator('label', { hasText: '签发者地址' }).getByRole('alert').waitFor();
    await page.getByText('未设置', { exact: true }).waitFor();
  },
};
