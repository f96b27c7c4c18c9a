// Ant Design's settings: colours, sizes, language. Its variables hold for our own style sheets too.
import { useEffect, type ReactNode } from 'react';

import { StyleProvider } from '@ant-design/cssinjs';
import { ConfigProvider, theme } from 'antd';
import enGB from 'antd/es/locale/en_GB';
import zhCN from 'antd/es/locale/zh_CN';

import { languageStore, localeOf } from '../i18n/language';
import { useStore } from '../api/store';
import { useIsDark } from './appearance';

const REDUCED = matchMedia('(prefers-reduced-motion: reduce)').matches;
const FONT =
  "Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', " +
  "'Noto Sans CJK SC', 'Noto Sans', sans-serif";

// White text on the primary button leaves no room for a brighter one; the text of a default button needs just that.
const DARK_BUTTON = {
  colorPrimaryHover: '#3b61c8',
  defaultHoverColor: '#8fb0ff',
  defaultHoverBorderColor: '#8fb0ff',
  defaultActiveColor: '#b3ccff',
  defaultActiveBorderColor: '#b3ccff',
};

export function Theme({ children }: { children: ReactNode }) {
  const language = useStore(languageStore);
  const isDark = useIsDark();
  useEffect(() => {
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  }, [isDark]);
  useEffect(() => {
    document.documentElement.lang = localeOf(language);
  }, [language]);
  return (
    // In a layer, so that our own sheets come after Ant Design's.
    <StyleProvider layer>
      <ConfigProvider
        locale={language === 'zh' ? zhCN : enGB}
        theme={{
          algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
          cssVar: { key: 'console' },
          hashed: false,
          token: {
            colorPrimary: isDark ? '#4d7dff' : '#2456d6',
            colorInfo: isDark ? '#4d7dff' : '#2456d6',
            colorLink: isDark ? '#b3ccff' : '#2456d6',
            // Text in these colours needs more contrast than Ant Design gives it (WCAG AA).
            colorPrimaryText: isDark ? '#8fb0ff' : '#2456d6',
            colorErrorText: isDark ? '#ff8f8d' : '#c5221f',
            colorErrorTextHover: isDark ? '#ffb3b1' : '#a81b18',
            colorLinkHover: isDark ? '#c9daff' : '#3565de',
            ...(isDark ? { colorLinkActive: '#8fb0ff' } : { colorPrimaryHover: '#3565de' }),
            colorTextPlaceholder: isDark ? '#9aa1ad' : '#6b727d',
            borderRadius: 6,
            fontFamily: FONT,
            fontSize: 14,
            controlHeight: 32,
            motion: !REDUCED,
            ...(isDark ? { colorBgBase: '#14171c' } : { colorTextBase: '#1a1f29', colorBgLayout: '#f5f6f8' }),
          },
          components: {
            Button: { colorError: '#c5221f', colorErrorHover: '#d12b28', colorErrorActive: '#a81b18', ...(isDark && DARK_BUTTON) },
            ...(isDark && { Tabs: { itemSelectedColor: '#8fb0ff', itemHoverColor: '#8fb0ff', itemActiveColor: '#8fb0ff' } }),
          },
        }}
      >
        {children}
      </ConfigProvider>
    </StyleProvider>
  );
}
