import { define } from '../i18n/messages';

export const messages = define({
  retry: { zh: '重试', en: 'Try again' },
  loading: { zh: '加载中…', en: 'Loading …' },
  nothing: { zh: '没有内容', en: 'Nothing here' },
  more: { zh: '加载更多', en: 'Load more' },
  shown: {
    zh: (shown: number, total: number) => `已显示 ${shown} / ${total}`,
    en: (shown: number, total: number) => `${shown} of ${total}`,
  },
  lost: { zh: '没有收到服务器的应答，输入内容已保留，可以重新提交。', en: 'The server did not answer. What you typed is kept: send it again.' },
  notLoaded: { zh: '没有收到服务器的应答，未能加载。', en: 'The server did not answer, so that this could not be loaded.' },
  overloaded: { zh: '服务器繁忙，请稍后重试。', en: 'The server is busy. Try again in a moment.' },
  forbidden: { zh: '您没有此项权限。权限可能刚刚被收回。', en: 'You do not have this permission. It may have been taken away just now.' },
  unauthenticated: { zh: '登录已过期，请重新登录。', en: 'Your session has ended. Sign in again.' },
  invalid: { zh: '输入有误：', en: 'This input is not valid: ' },
  internal: { zh: (id: string) => `服务器内部错误。报告时请附上编号 ${id}`, en: (id: string) => `Internal error of the server. When you report it, give ${id}` },
  cannot: { zh: '现在不能操作', en: 'Not possible now' },
  previous: { zh: '上一张', en: 'Previous' },
  next: { zh: '下一张', en: 'Next' },
  larger: { zh: '放大', en: 'Zoom in' },
  smaller: { zh: '缩小', en: 'Zoom out' },
  close: { zh: '关闭', en: 'Close' },
  picture: { zh: (n: number) => `图片 ${n}`, en: (n: number) => `Picture ${n}` },
});
