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
    await page.getByRole('table', { name: '暂停时段' }).waitFor();
    assert.equal(await row.count(), 0);
  },

  async 'a plan is tried on past months, published, and scores are explained'(person) {
    const { page } = person;
    await person.signIn('platform', { path: '/console/platform/evaluation?tab=draft' });
    const first = page.getByRole('group', { name: '指标 1', exact: true });
    const weight = first.getByLabel('权重');
    const before = Number(await weight.inputValue());
    await weight.fill(String(before + 40));
    await page.getByRole('button', { name: '试 算' }).click();
    await page.getByRole('status').getByText(/^(上升|下降) \d/).first().waitFor();
    const moved = page.getByRole('table', { name: '试算结果' });
    await moved.getByText(/^[+−]\d/).first().waitFor();
    await page.getByRole('img', { name: /变化的图表/ }).locator('canvas').waitFor();
    await weight.fill(String(before + 41));
    await page.getByText('方案已改动，请重新试算后发布。').waitFor();
    await page.getByRole('button', { name: '试 算' }).click();
    await page.getByLabel('说明').fill('提高及时审核的权重');
    await page.getByRole('button', { name: '发 布' }).click();
    await page.getByRole('tooltip').getByRole('button', { name: '发 布' }).click();
    const version = page.getByRole('row').filter({ hasText: '提高及时审核的权重' });
    await version.getByText('现行方案').waitFor();
    await page.reload();
    await version.getByText('现行方案').waitFor();
    await page.getByRole('table', { name: /^第 \d+ 版$/ }).getByText(String(before + 41), { exact: true }).waitFor();
    await page.getByRole('tab', { name: '商家评分' }).click();
    await page.getByRole('table', { name: '商家评分' }).getByRole('button').first().click();
    const parts = page.getByRole('dialog').getByRole('table');
    await parts.getByRole('button', { name: /查看分母的服务单/ }).first().click();
    await page.getByRole('table', { name: '背后的服务单' }).getByRole('link').first().waitFor();
  },

  async "the platform's thresholds hold for every merchant"(person) {
    const { page } = person;
    await person.signIn('platform', { path: '/console/platform/evaluation?tab=alerts' });
    const limits = page.getByRole('group', { name: /^阈值 \d+$/ });
    await page.getByRole('button', { name: '添加阈值' }).click();
    const count = await limits.count();
    await limits.last().getByLabel('天数').fill('41');
    await page.getByRole('button', { name: '保 存' }).click();
    await page.waitForLoadState('networkidle');
    await page.reload();
    await limits.nth(count - 1).waitFor();
    assert.equal(await limits.last().getByLabel('天数').inputValue(), '41');
    const { qualityThresholds } = await person.elsewhere('digital-owner', '{ qualityThresholds { platform { days } } }');
    assert.ok(qualityThresholds.platform.some(({ days }) => days === 41));
    await page.goto(`${person.url}/console/platform/evaluation?tab=alerts`);
    await limits.last().getByRole('button', { name: '删 除' }).click();
    await page.getByRole('button', { name: '保 存' }).click();
    await page.waitForFunction(n => document.querySelectorAll('.quality-limit').length < n, count);
  },

  async 'a platform account is created, changed, reset and disabled'(person) {
    const { page } = person;
    const login = `rulings-${Date.now()}`;
    await person.signIn('platform', { path: '/console/platform/accounts' });
    const drawer = page.getByRole('dialog');
    await page.getByRole('button', { name: '新增账号' }).click();
    await drawer.getByLabel('姓名').fill('裁决员小钱');
    await drawer.getByLabel('登录名').fill(login);
    await drawer.getByLabel('初始密码').fill('12345678');
    await drawer.getByRole('checkbox', { name: /平台介入/ }).check();
    await drawer.getByRole('button', { name: '创 建' }).click();
    await drawer.getByRole('alert').first().waitFor(); // a password that everybody uses
    await drawer.getByLabel('初始密码').fill('yq7-Kessel-91');
    await drawer.getByRole('button', { name: '创 建' }).click();
    await drawer.waitFor({ state: 'detached' });
    await page.reload();
    const row = page.getByRole('row').filter({ hasText: login });
    await row.getByRole('button', { name: '裁决员小钱' }).click();
    await drawer.getByRole('checkbox', { name: /查看所有商家/ }).check();
    await drawer.getByRole('button', { name: '保 存' }).click();
    await drawer.waitFor({ state: 'detached' });
    await row.getByText('查看所有商家').waitFor();
    await row.getByRole('button', { name: '裁决员小钱' }).click();
    await drawer.getByRole('button', { name: '签发重置码' }).click();
    await page.getByRole('tooltip').getByRole('button', { name: '确 定' }).click();
    await drawer.getByText('重置码只显示这一次').waitFor();
    const code = await drawer.locator('code').innerText();
    assert.ok(code.length > 8);
    await drawer.getByRole('button', { name: '停 用' }).click();
    await page.getByRole('tooltip').getByRole('button', { name: '确 定' }).last().click();
    await row.getByText('已停用').waitFor();
    await page.goto(`${person.url}/console/platform/accounts?tab=history`);
    await page.getByRole('row').filter({ hasText: '裁决员小钱' }).filter({ hasText: '停用账号' }).first().waitFor();
    assert.equal(await page.getByText(code).count(), 0);
  },

  async "a platform's connector shows its token once, and serves whom it is told"(person) {
    const { page } = person;
    const name = `测试前台 ${Date.now()}`;
    await person.signIn('platform', { path: '/console/platform/accounts?tab=connectors' });
    const drawer = page.getByRole('dialog');
    await page.getByRole('button', { name: '新增接入' }).click();
    await drawer.getByLabel('名称').fill(name);
    await drawer.getByRole('checkbox', { name: /代客户操作/ }).check();
    await drawer.getByRole('button', { name: '创 建' }).click();
    await drawer.getByText('令牌只显示这一次').waitFor();
    const token = await drawer.locator('code').innerText();
    await drawer.getByRole('button', { name: '已保存令牌' }).click();
    const row = page.getByRole('row').filter({ hasText: name });
    await row.getByText('全部商家').waitFor();
    await page.reload();
    assert.equal(await page.getByText(token).count(), 0);
    const { viewer } = await person.ask('{ viewer { name } }', {}, token);
    assert.equal(viewer.name, name);
    await row.getByRole('button', { name }).click();
    await drawer.getByRole('radio', { name: '指定商家' }).check();
    await drawer.getByRole('combobox', { name: '选择商家' }).click();
    await page.getByTitle('南塘家居旗舰店').click();
    await page.keyboard.press('Escape');
    await drawer.getByRole('button', { name: '更改服务的商家' }).click();
    await row.getByText('1 家').waitFor();
    await drawer.getByRole('button', { name: '停 用' }).click();
    await page.getByRole('tooltip').getByRole('button', { name: '确 定' }).click();
    await row.getByText('已停用').waitFor();
  },

  async "the demo's clock is moved, and the system approves what is due"(person) {
    const { page } = person;
    await person.signIn('platform', { path: '/console/platform/escalations' });
    const time = page.locator('.role-switch time');
    const open = async () => {
      await page.getByRole('button', { name: /^账号/ }).click();
      await time.waitFor();
    };
    const shown = async () => Date.parse(`${(await time.innerText()).replaceAll('/', '-').replace(' ', 'T')}Z`);
    await open();
    const before = await shown();
    await page.getByRole('button', { name: '+1 小时' }).click();
    await page.getByRole('status').getByText(/系统自动通过 [1-9]\d* 单/).waitFor();
    assert.ok((await shown()) - before >= 3_600_000);
    await page.locator('.role-switch').getByRole('link').first().click();
    await page.getByRole('list', { name: '处理记录' }).getByText('超时自动通过').waitFor();
    await page.reload();
    await open();
    assert.ok((await shown()) - before >= 3_600_000);
  },
};
