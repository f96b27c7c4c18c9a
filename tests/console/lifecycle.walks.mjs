// What people at the desk do with orders, from the review to the end: each decision and each step of
// processing, by its form.
import assert from 'node:assert/strict';

const FIND = `query($after: String) {
  serviceOrders(first: 100, after: $after) {
    nodes { id refundable actions { action allowed } }
    pageInfo { hasNextPage endCursor }
  }
}`;

// key, button and status of each decision, and what its form needs
const DECISIONS = [
  ['1', ['提交：同意', 'Send: Approve'], ['待客户发货', 'Awaiting shipment']],
  ['2', ['提交：驳回', 'Send: Reject'], ['审核不通过', 'Rejected'], fillReason, fillNote],
  ['3', ['提交：补发新品', 'Send: Send new'], ['待客户确认', 'Awaiting confirmation'], fillShipment, fillNote],
  ['4', ['提交：询问客户', 'Send: Ask'], ['待客户反馈', 'Awaiting answer'], fillNote],
  ['5', ['提交：客户放弃', 'Send: Given up'], ['已取消', 'Cancelled'], fillNote],
];

// The steps on the page of an order, by their buttons.
const STEPS = {
  RESPOND: ['客户反馈', 'Customer answers'],
  REOPEN: ['撤回驳回', 'Take the rejection back'],
  WITHDRAW_APPROVAL: ['撤回同意', 'Withdraw the approval'],
  CHANGE_RETURN_ADDRESS: ['更改退货地址', 'Change the return address'],
  SHIP: ['客户发货', 'Customer ships'],
  CORRECT_WAYBILL: ['更正运单', 'Correct the waybill'],
  RECEIVE_CANCELLED: ['登记已取消的包裹', 'Register a cancelled parcel'],
  RETURN_CANCELLED: ['退回已取消的包裹', 'Return a cancelled parcel'],
  REFUND: ['退款', 'Refund'],
  EXCHANGE: ['换新', 'Exchange'],
  REPAIR: ['维修', 'Repair'],
  SEND_BACK: ['原返', 'Send back unrepaired'],
  REPLY: ['回复', 'Reply'],
  SOLVE: ['已解决', 'Report as solved'],
  UPDATE_SHIPMENT: ['补填运单', 'Add the waybill'],
  UNDO: ['撤销处理', 'Undo the last step'],
  CLOSE: ['关闭', 'Close'],
  ESCALATE: ['申请平台介入', 'Ask the platform'],
  CLAIM: ['领取', 'Claim'],
  RELEASE: ['释放', 'Release'],
};

export const inBoth = [
  'each decision of a review is sent by its form',
  'each step is taken on the page of an order',
];

export const walks = {
  async 'each decision of a review is sent by its form'(person) {
    const { page } = person;
    await person.signIn('digital-reviewer');
    for (const [key, button, status, ...fill] of DECISIONS) {
      const [id] = await person.waiting();
      await page.goto(`${person.url}/console/queue?o=${id}`);
      await person.panel().locator('.review-form').waitFor();
      await person.press(key);
      for (const part of fill) await part(page);
      await page.getByRole('button', { name: person.t(...button) }).click();
      await person.row(id).getByText(person.t(...status)).waitFor();
      await page.reload();
      await person.rows().first().waitFor();
      assert.equal((await person.waiting()).includes(id), false);
    }
  },

  async 'each step is taken on the page of an order'(person) {
    const { page } = person;
    await person.signIn('digital-owner', { path: '/console/staff' });
    const token = await person.token('digital-owner');
    for (const [action, button] of Object.entries(STEPS)) {
      await page.goto(`${person.url}/console/orders/${await orderFor(person, action, token)}`);
      const events = page.getByRole('list', { name: person.t('处理记录', 'Timeline') }).locator(':scope > li');
      await events.first().waitFor();
      const before = await events.count();
      const actions = page.locator('.actions').first();
      await actions.getByRole('button', { name: spaced(person.t(...button)) }).click();
      const form = actions.locator('form');
      await form.waitFor();
      for (const field of await form.locator('input[required], textarea[required]').all()) {
        if (!(await field.inputValue())) await field.fill('SF1000000001');
      }
      await form.locator('button[type=submit]').click();
      await form.waitFor({ state: 'detached' });
      await events.nth(before).waitFor();
    }
  },
};

/** The id of an order that allows an action to the owner. */
async function orderFor(person, action, token) {
  let after = null;
  do {
    const { serviceOrders } = await person.ask(FIND, { after }, token);
    const found = serviceOrders.nodes.find(({ refundable, actions }) => (
      actions.some(one => one.action === action && one.allowed) && (action !== 'REFUND' || Number(refundable) > 0)
    ));
    if (found) return found.id;
    after = serviceOrders.pageInfo.hasNextPage ? serviceOrders.pageInfo.endCursor : null;
  } while (after);
  throw new Error(`no order of the demo allows ${action}`);
}

/** The name of a step's button: Ant Design writes a space between two characters, and a step may have an end. */
function spaced(name) {
  return new RegExp(`^${[...name].length === 2 ? [...name].join(' ?') : name}\\s*((截止|until).*)?$`);
}

async function fillReason(page) {
  await page.locator('.reasons select').selectOption({ index: 1 });
}

async function fillNote(page) {
  await page.locator('.review-form textarea').fill('请您核对');
}

async function fillShipment(page) {
  const inputs = page.locator('.review-form input.input');
  await inputs.nth(1).fill('顺丰速运');
  await inputs.nth(2).fill('SF1000000009');
}
