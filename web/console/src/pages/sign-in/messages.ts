import { define } from '../../i18n/messages';

export const messages = define({
  title: { zh: '商家自主售后', en: 'After-sales desk' },
  login: { zh: '账号', en: 'Login' },
  password: { zh: '密码', en: 'Password' },
  signIn: { zh: '登录', en: 'Sign in' },
  required: { zh: '请填写', en: 'Required' },
  redeem: { zh: '使用重置码', en: 'Use a reset code' },
  redeemHint: { zh: '忘记密码时，请向管理员工的同事索取重置码；主账号请联系平台。', en: 'If you forgot your password, ask a colleague who manages staff for a code. A main account asks the platform.' },
  code: { zh: '重置码', en: 'Reset code' },
  codeHint: { zh: '不分大小写，可省略连字符。', en: 'In upper or lower case, with or without dashes.' },
  setPassword: { zh: '设置新密码', en: 'Set the new password' },
  passwordSet: { zh: '新密码已生效，请登录。', en: 'The new password is set. Sign in with it.' },
  back: { zh: '返回登录', en: 'Back to sign-in' },
  singleSignOn: { zh: '单点登录', en: 'Single sign-on' },
  language: { zh: 'English', en: '中文' },
});
