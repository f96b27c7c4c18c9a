// One's own account: devices, password, reset codes, single sign-on.
import assert from 'node:assert/strict';

import { PASSWORD } from './person.mjs';

const CHANGED = 'walked-through-2026';
const ISSUE = `mutation($input: IssueEmployeePasswordResetInput!) {
  issueEmployeePasswordReset(input: $input) { code refusals { code } }
}`;

export const walks = {
  async 'a device is signed out, and all others'(person) {
    const { page, t } = person;
    const login = 'outdoor-readonly';
    await person.elsewhere(login, '{ viewer { id } }');
    await person.signIn(login);
    await page.getByRole('button', { name: t(/^账号/, /^Account/) }).click(); // a main account of the demo is a button too
    await page.getByRole('link', { name: t('我的账号', 'My account') }).click();
    const rows = page.getByRole('table', { name: t('登录设备', 'Devices') }).locator('tbody tr');
    const own = rows.filter({ hasText: t('本机', 'This one') });
    await own.waitFor();
    assert.match(await own.innerText(), /Chrome/);
    const before = await rows.count();
    await rows.filter({ hasText: 'node' }).first().getByRole('button').click();
    await person.confirm();
    await page.waitForFunction(count => document.querySelectorAll('main tbody tr').length < count, before);
    await person.elsewhere(login, '{ viewer { id } }');
    await page.getByRole('button', { name: t('退出其他设备', 'End all others') }).click();
    await person.confirm();
    await page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 1);
    await page.reload();
    await own.waitFor();
    assert.equal(await rows.count(), 1);
  },

  async 'a password is changed, and what is refused stands at its field'(person) {
    const { page, t } = person;
    await person.signIn('outdoor-supervisor', { path: '/console/account' });
    const form = page.locator('form', { has: page.getByLabel(t('再次输入新密码', 'New password again')) });
    const change = async (current, next, again = next) => {
      await form.getByLabel(t('当前密码', 'Present password')).fill(current);
      await form.getByLabel(t(/^新密码/, /^New password(?! again)/)).fill(next);
      await form.getByLabel(t('再次输入新密码', 'New password again')).fill(again);
      await form.getByRole('button', { name: t('修改密码', 'Change the password') }).click();
    };
    await change(PASSWORD, CHANGED, 'another');
    await form.getByText(t('两次输入的新密码不一致', 'not the same password')).waitFor();
    await change('wrong', CHANGED);
    await form.locator('label', { hasText: t('当前密码', 'Present password') }).getByText(t('密码错误', /password is (wrong|not correct)/)).waitFor();
    await change(PASSWORD, 'password');
    await form.locator('label', { hasText: t('不限种类', 'of any kind') }).getByRole('alert').waitFor();
    await change(PASSWORD, CHANGED);
    await page.locator('.notices').getByText(t('密码已修改', 'The password was changed')).waitFor();
    assert.equal(await form.getByLabel(t('当前密码', 'Present password')).inputValue(), '');
    await change(CHANGED, PASSWORD);
    await page.locator('.notices').getByText(t('密码已修改', 'The password was changed')).nth(1).waitFor();
  },

  async 'a forgotten password is set by a code'(person) {
    const { page, t } = person;
    const login = 'outdoor-processor';
    const { employees } = await person.elsewhere('outdoor-owner', '{ employees(first: 50) { nodes { id login } } }');
    const { id } = employees.nodes.find(employee => employee.login === login);
    const { issueEmployeePasswordReset: issued } = await person.elsewhere('outdoor-owner', ISSUE, { input: { id } });
    await person.open('/console');
    await page.getByRole('button', { name: t('使用重置码', 'Use a reset code') }).click();
    const form = page.locator('form');
    await form.locator('input[name=login]').fill(login);
    await form.getByLabel(t(/^重置码/, /^Reset code/)).fill('AAAA-AAAA');
    await form.getByLabel(t(/^新密码/, /^New password(?! again)/)).fill(CHANGED);
    await form.getByLabel(t('再次输入新密码', 'New password again')).fill(CHANGED);
    await form.getByRole('button', { name: t('设置新密码', 'Set the new password') }).click();
    await form.locator('label', { hasText: t('重置码', 'Reset code') }).getByRole('alert').waitFor();
    await form.getByLabel(t(/^重置码/, /^Reset code/)).fill(issued.code.toLowerCase());
    await form.getByRole('button', { name: t('设置新密码', 'Set the new password') }).click();
    await page.getByText(t('新密码已生效', 'The new password is set')).waitFor();
    assert.equal(await page.locator('input[name=login]').inputValue(), login);
    await page.locator('input[name=password]').fill(CHANGED);
    await page.locator('button[type=submit]').click();
    await page.getByRole('navigation', { name: t('导航', 'Navigation') }).waitFor();
  },

  async 'single sign-on is linked in a tab of its own, with the password'(person) {
    const { page, t } = person;
    await person.signIn('outdoor-owner', { path: '/console/account' });
    const link = page.getByRole('button', { name: t('关联单点登录', 'Link single sign-on') });
    await link.click();
    await page.getByRole('alert').getByText(t('未设置单点登录', 'Single sign-on is not set up here')).waitFor();
    // The provider sends the person back at once. What it vouches for is not true, and the server says so.
    const begun = { authorizationUrl: `${person.url}/console/sso?code=c&state=s`, transaction: 'none', refusals: [], __typename: 'BeginSingleSignOnPayload' };
    const provider = await person.failing('BeginSingleSignOn', { json: { data: { beginSingleSignOn: begun } } });
    const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    await tab.getByLabel(t('当前密码', 'Present password')).fill(PASSWORD);
    await tab.getByRole('button', { name: t('关联单点登录', 'Link single sign-on') }).click();
    await tab.getByRole('alert').waitFor();
    await provider.stop();
  },

  async 'a provider that does not answer is told at its field'(person) {
    const { page, t } = person;
    await person.signIn('outdoor-owner', { path: '/console/account' });
    const form = page.locator('form', { has: page.getByLabel(t(/^签发者地址/, /^Issuer/)) });
    await form.getByLabel(t(/^签发者地址/, /^Issuer/)).fill('https://provider.invalid');
    await form.getByLabel(t('客户端 ID', 'Client id')).fill('console');
    await form.getByLabel(t('当前密码', 'Present password')).fill(PASSWORD);
    await form.getByRole('button', { name: t('保 存', 'Save') }).click();
    await form.locator('label', { hasText: t('签发者地址', 'Issuer') }).getByRole('alert').waitFor();
    await page.getByText(t('未设置', 'Not set up'), { exact: true }).waitFor();
  },
};
