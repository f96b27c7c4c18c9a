import { lazy, Suspense } from 'react';

import { Button, Popover, Segmented } from 'antd';
import { Link, useLocation } from 'react-router';

import { signOut } from '../api/session';
import { useStore } from '../api/store';
import { useViewer } from '../api/viewer';
import { chooseLanguage, languageStore } from '../i18n/language';
import { useMessages } from '../i18n/messages';
import { appearanceStore, chooseAppearance, type Appearance } from '../theme/appearance';
import { messages } from './messages';

const ClockControl = lazy(() => import('../demo/ClockControl'));
const RoleSwitch = lazy(() => import('../demo/RoleSwitch'));

export function AccountMenu() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const language = useStore(languageStore);
  const { pathname } = useLocation();
  return (
    <div className="shell-account">
      <Button size="small" type="text" lang={language === 'zh' ? 'en' : 'zh-CN'} onClick={() => chooseLanguage(language === 'zh' ? 'en' : 'zh')}>
        {t.language}
      </Button>
      {/* Another page closes it. */}
      <Popover key={pathname} trigger="click" placement="topLeft" content={<Menu />}>
        <button type="button" className="shell-person" aria-haspopup="dialog">
          <span className="avatar" data-initial={viewer.name.slice(0, 1)} />
          <span className="visually-hidden">{t.account}: </span>
          <span className="ellipsis">{viewer.name}</span>
        </button>
      </Popover>
    </div>
  );
}

function Menu() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const appearance = useStore(appearanceStore);
  return (
    <div className="account-menu">
      <strong>{viewer.name}</strong>
      <span className="muted">{viewer.merchant?.name ?? t.platform}</span>
      <Link to="/account">{t.myAccount}</Link>
      <Segmented<Appearance>
        size="small"
        aria-label={t.appearance}
        value={appearance}
        onChange={chooseAppearance}
        options={[
          { value: 'system', label: t.system },
          { value: 'light', label: t.light },
          { value: 'dark', label: t.dark },
        ]}
      />
      <Suspense fallback={null}>
        <RoleSwitch />
        <ClockControl />
      </Suspense>
      <Button size="small" onClick={() => void signOut()}>{t.signOut}</Button>
    </div>
  );
}
