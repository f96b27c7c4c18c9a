import { define } from '../../i18n/messages';

export const messages = define({
  title: { zh: '商家自主售后', en: 'After-sales desk' },
  login: { zh: '账号', en: 'Login' },
  password: { zh: '密码', en: 'Password' },
  signIn: { zh: '登录', en: 'Sign in' },
  required: { zh: '请填写', en: 'Required' },
  singleSignOn: { zh: '单点登录', en: 'Single sign-on' },
  language: { zh: 'English', en: '中文' },
});
