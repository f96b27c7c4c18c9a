// What goes wrong: a server that does not answer, a permission that is taken away.
import assert from 'node:assert/strict';

const OWNER = 'digital-owner';
const BROKEN = {
  json: { data: null, errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_ERROR', requestId: 'f00d' } }] },
};

export const inEnglish = [];

export const walks = {
  async 'a list that cannot be loaded says so, and is asked for again'(person) {
    const { page } = person;
    person.expected.push(/Failed to load resource|ERR_FAILED/);
    await person.signIn(OWNER, { path: '/console/receiving?tab=sentOn' });
    const rows = page.locator('main tbody tr');
    await rows.first().waitFor();
    const failing = await person.failing('ReceivingList', BROKEN);
    await page.getByRole('tab', { name: person.t('待客户发货', 'Not sent yet') }).click();
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
    await page.getByRole('button', { name: person.t('加载更多', 'Load more') }).click();
    await alert.getByText(person.t('没有收到服务器的应答', 'The server did not answer')).waitFor();
    assert.equal(await rows.count(), first);
    await again.stop();
    await rows.nth(first).waitFor();
    await alert.waitFor({ state: 'detached' });
  },
};
