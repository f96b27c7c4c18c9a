// The platform's staff: disputes, the calendar, plans, accounts, and the demo's clock.
import assert from 'node:assert/strict';

export const inBoth = ['a dispute is ruled, leaves the queue, and its timeline tells it'];

export const walks = {
  async 'a dispute is ruled, leaves the queue, and its timeline tells it'(person) {
    const { page, t } = person;
    const rejected = t('审核不通过', 'Rejected');
    const ruling = t('平台裁决：商家处理', 'Rule: merchant makes good');
    await person.signIn('platform', { path: '/console/platform/escalations' });
    const row = page.locator('table tbody tr').filter({ hasText: rejected }).first();
    const number = await row.getByRole('link').innerText();
    await row.getByRole('link').click();
    await page.getByRole('heading', { name: t('申请平台介入', 'asked the platform') }).waitFor();
    await page.getByRole('button', { name: ruling, exact: true }).click();
    await page.getByText(t('须在 48 小时内按裁决处理', 'The merchant has 48 hours')).waitFor();
    await page.getByRole('spinbutton').fill('999999');
    await page.locator('.step-form textarea').fill('商品与描述不符，支持客户退款');
    const send = async () => {
      await page.locator('.step-form button[type=submit]').click();
      await person.confirm();
    };
    await send();
    await page.locator('.step-form .danger').waitFor(); // more than was paid
    await page.getByRole('spinbutton').fill('10');
    await send();
    await page.getByText(t('平台已裁决', 'The platform has ruled')).waitFor();
    await page.reload();
    const timeline = page.getByRole('list', { name: t('处理记录', 'Timeline') });
    await timeline.getByText(t('平台裁决：商家处理', 'Ruling: merchant makes good')).waitFor();
    await timeline.getByText('商品与描述不符，支持客户退款').waitFor();
    await page.getByText(t('待处理', 'Awaiting processing'), { exact: true }).first().waitFor();
    await page.getByRole('link', { name: t('返回纠纷裁决', 'Back to the disputes') }).click();
    await page.locator('table tbody tr').first().waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.getByText(number).count(), 0);
  },

  async 'a pause window is declared, changed and withdrawn'(person) {
    const { page, t } = person;
    await person.signIn('platform', { path: '/console/platform/calendar' });
    const drawer = page.getByRole('dialog');
    const year = new Date().getFullYear() + 2;
    const declare = async (name, from, to) => {
      await page.getByRole('button', { name: t('新建暂停时段', 'Declare a window') }).first().click();
      await drawer.getByLabel(t('名称', 'Name')).fill(name);
      await drawer.getByLabel(t('开始', 'Start')).fill(from);
      await drawer.getByLabel(t('结束', 'End')).fill(to);
      await drawer.getByText(t('计时停 3 天 0 小时', 'Clocks stop for 3 d 0 h')).waitFor();
      await drawer.getByRole('button', { name: t('保 存', 'Save') }).click();
    };
    await declare('元旦', `${year}-01-01T00:00`, `${year}-01-04T00:00`);
    await drawer.waitFor({ state: 'detached' });
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: '元旦' });
    await row.getByText(t('未开始', 'Planned')).waitFor();
    await declare('重叠', `${year}-01-02T00:00`, `${year}-01-05T00:00`);
    await drawer.getByRole('alert').getByText(t('重叠', 'overlaps')).waitFor();
    await drawer.getByRole('button', { name: t('关闭', 'Close') }).click();
    await row.getByRole('button', { name: t('更 改', 'Change') }).click();
    await drawer.getByLabel(t('结束', 'End')).fill(`${year}-01-03T00:00`);
    await drawer.getByText(t('计时停 2 天 0 小时', 'Clocks stop for 2 d 0 h')).waitFor();
    await drawer.getByRole('button', { name: t('保 存', 'Save') }).click();
    await row.getByText(t('2 天 0 小时', '2 d 0 h')).waitFor();
    await row.getByRole('button', { name: t('撤 回', 'Withdraw') }).click();
    await person.confirm();
    await row.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('table', { name: t('暂停时段', 'Pause windows') }).waitFor();
    assert.equal(await row.count(), 0);
  },

  async 'a plan is tried on past months, published, and scores are explained'(person) {
    const { page, t } = person;
    await person.signIn('platform', { path: '/console/platform/evaluation?tab=draft' });
    const note = `提高及时审核的权重 ${Date.now()}`;
    const first = page.getByRole('group', { name: t('指标 1', 'Figure 1'), exact: true });
    const weight = first.getByLabel(t('权重', 'Weight'));
    const before = Number(await weight.inputValue());
    await weight.fill(String(before + 40));
    await page.getByRole('button', { name: t('试 算', 'Preview') }).click();
    await page.getByRole('status').getByText(t(/^(上升|下降) \d/, /^(Rises|Falls) \d/)).first().waitFor();
    const moved = page.getByRole('table', { name: t('试算结果', 'What the draft would do') });
    await moved.getByText(/^[+−]\d/).first().waitFor();
    await page.getByRole('img', { name: t(/变化的图表/, /^Chart of Change/) }).locator('canvas').waitFor();
    await weight.fill(String(before + 41));
    await page.getByText(t('方案已改动，请重新试算后发布。', 'The draft has changed')).waitFor();
    await page.getByRole('button', { name: t('试 算', 'Preview') }).click();
    await page.getByLabel(t('说明', 'Note')).fill(note);
    await page.getByRole('button', { name: t('发 布', 'Publish') }).click();
    await person.confirm();
    const version = page.getByRole('row').filter({ hasText: note });
    await version.getByText(t('现行方案', 'The current plan')).waitFor();
    await page.reload();
    await version.getByText(t('现行方案', 'The current plan')).waitFor();
    await page.getByRole('table', { name: t(/^第 \d+ 版$/, /^Version \d+$/) }).getByText(String(before + 41), { exact: true }).waitFor();
    await page.getByRole('tab', { name: t('商家评分', 'Scores') }).click();
    await page.getByRole('table', { name: t('商家评分', 'Scores') }).getByRole('button').first().click();
    const parts = page.getByRole('dialog').getByRole('table');
    await parts.getByRole('button', { name: t(/查看分母的服务单/, /show the orders of the denominator/i) }).first().click();
    await page.getByRole('table', { name: t('背后的服务单', 'The orders behind it') }).getByRole('link').first().waitFor();
  },

  async "the platform's thresholds hold for every merchant"(person) {
    const { page, t } = person;
    await person.signIn('platform', { path: '/console/platform/evaluation?tab=alerts' });
    const limits = page.getByRole('group', { name: t(/^阈值 \d+$/, /^Limit \d+$/) });
    const save = () => Promise.all([
      person.answered('SetQualityThresholds'),
      page.getByRole('button', { name: t('保 存', 'Save') }).click(),
    ]);
    await page.getByRole('button', { name: t('添加阈值', 'Add a threshold') }).click();
    const count = await limits.count();
    await limits.last().getByLabel(t('天数', 'Days')).fill('41');
    await save();
    await page.reload();
    await limits.nth(count - 1).waitFor();
    assert.equal(await limits.last().getByLabel(t('天数', 'Days')).inputValue(), '41');
    const { qualityThresholds } = await person.elsewhere('digital-owner', '{ qualityThresholds { platform { days } } }');
    assert.ok(qualityThresholds.platform.some(({ days }) => days === 41));
    await page.goto(`${person.url}/console/platform/evaluation?tab=alerts`);
    await limits.last().getByRole('button', { name: t('删 除', 'Remove') }).click();
    await save();
    await page.reload();
    await page.waitForFunction(n => document.querySelectorAll('.quality-limit').length === n, count - 1);
  },

  async 'a platform account is created, changed, reset and disabled'(person) {
    const { page, t } = person;
    const login = `rulings-${Date.now()}`;
    const name = `小钱 ${login}`;
    await person.signIn('platform', { path: '/console/platform/accounts' });
    const drawer = page.getByRole('dialog');
    await page.getByRole('button', { name: t('新增账号', 'Add an account') }).click();
    await drawer.getByLabel(t('姓名', 'Name')).fill(name);
    await drawer.getByLabel(t('登录名', 'Login')).fill(login);
    await drawer.getByLabel(t('初始密码', 'First password')).fill('12345678');
    await drawer.getByRole('checkbox', { name: t(/平台介入/, /Intervene/) }).check();
    await drawer.getByRole('button', { name: t('创 建', 'Create') }).click();
    await drawer.getByRole('alert').first().waitFor(); // a password that everybody uses
    await drawer.getByLabel(t('初始密码', 'First password')).fill('yq7-Kessel-91');
    await drawer.getByRole('button', { name: t('创 建', 'Create') }).click();
    await drawer.waitFor({ state: 'detached' });
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: login });
    await row.getByRole('button', { name }).click();
    await drawer.getByRole('checkbox', { name: t(/查看所有商家/, /Read all merchants/) }).check();
    await drawer.getByRole('button', { name: t('保 存', 'Save') }).click();
    await drawer.waitFor({ state: 'detached' });
    await row.getByText(t('查看所有商家', 'Read all merchants')).waitFor();
    await row.getByRole('button', { name }).click();
    await drawer.getByRole('button', { name: t('签发重置码', 'Issue a reset code') }).click();
    await person.confirm();
    await drawer.getByText(t('重置码只显示这一次', 'The code is shown only once')).waitFor();
    const code = await drawer.locator('code').innerText();
    assert.ok(code.length > 8);
    await drawer.getByRole('button', { name: t('停 用', 'Disable') }).click();
    await person.confirm();
    await row.getByText(t('已停用', 'Disabled')).waitFor();
    await page.goto(`${person.url}/console/platform/accounts?tab=history`);
    await page.getByRole('row').filter({ hasText: name }).filter({ hasText: t('停用账号', 'Account disabled') }).first().waitFor();
    assert.equal(await page.getByText(code).count(), 0);
  },

  async "a platform's connector shows its token once, and serves whom it is told"(person) {
    const { page, t } = person;
    const name = `测试前台 ${Date.now()}`;
    await person.signIn('platform', { path: '/console/platform/accounts?tab=connectors' });
    const drawer = page.getByRole('dialog');
    await page.getByRole('button', { name: t('新增接入', 'Add a connector') }).click();
    await drawer.getByRole('textbox', { name: t('名称', 'Name') }).fill(name);
    await drawer.getByRole('checkbox', { name: t(/代客户操作/, /Act for customers/) }).check();
    await drawer.getByRole('button', { name: t('创 建', 'Create') }).click();
    await drawer.getByText(t('令牌只显示这一次', 'The token is shown only once')).waitFor();
    const token = await drawer.locator('code').innerText();
    await drawer.getByRole('button', { name: t('已保存令牌', 'I have kept it') }).click();
    const row = page.getByRole('row').filter({ hasText: name });
    await row.getByText(t('全部商家', 'All merchants')).waitFor();
    await page.reload();
    assert.equal(await page.getByText(token).count(), 0);
    const { viewer } = await person.ask('{ viewer { name } }', {}, token);
    assert.equal(viewer.name, name);
    await row.getByRole('button', { name }).click();
    await drawer.getByRole('radio', { name: t('指定商家', 'Certain merchants') }).check();
    await drawer.getByRole('combobox', { name: t('选择商家', 'Choose merchants') }).click();
    await person.options().getByTitle('南塘家居旗舰店').click();
    await page.keyboard.press('Escape');
    await drawer.getByRole('button', { name: t('更改服务的商家', 'Change the merchants') }).click();
    await row.getByText(t('1 家', '1 merchant')).waitFor();
    await drawer.getByRole('button', { name: t('停 用', 'Disable') }).click();
    await person.confirm();
    await row.getByText(t('已停用', 'Disabled')).waitFor();
  },

  async "the demo's clock is moved, and the system approves what is due"(person) {
    const { page, t } = person;
    await person.signIn('platform', { path: '/console/platform/escalations' });
    const time = page.locator('.role-switch time');
    const open = async () => {
      await page.getByRole('button', { name: t(/^账号/, /^Account/) }).click();
      await time.waitFor();
    };
    const shown = async () => {
      const [first, month, last, ...rest] = (await time.innerText()).match(/\d+/g).map(Number);
      return Date.UTC(t(first, last), month - 1, t(last, first), ...rest);
    };
    await open();
    const before = await shown();
    await page.getByRole('button', { name: t('+1 小时', '+1 h') }).click();
    await page.getByRole('status').getByText(t(/系统自动通过 [1-9]\d* 单/, /[1-9]\d* orders? (was|were) approved by the system/)).waitFor();
    assert.ok((await shown()) - before >= 3_600_000);
    await page.locator('.role-switch').getByRole('link').first().click();
    await page.getByRole('list', { name: t('处理记录', 'Timeline') }).getByText(t('超时自动通过', 'Approved automatically')).waitFor();
    await page.reload();
    await open();
    assert.ok((await shown()) - before >= 3_600_000);
  },
};
