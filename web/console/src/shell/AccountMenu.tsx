import { useState } from 'react';

import { Button, Popover, Segmented } from 'antd';
import { Link } from 'react-router';

import { signOut } from '../api/session';
import { useStore } from '../api/store';
import { useViewer } from '../api/viewer';
import { chooseLanguage, languageStore } from '../i18n/language';
import { loadable } from '../components/loadable';
import { useMessages } from '../i18n/messages';
import { appearanceStore, chooseAppearance, type Appearance } from '../theme/appearance';
import { messages } from './messages';

const ClockControl = loadable(() => import('../demo/ClockControl'));
const RoleSwitch = loadable(() => import('../demo/RoleSwitch'));

export function AccountMenu() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const language = useStore(languageStore);
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="shell-account">
      <Button size="small" type="text" lang={language === 'zh' ? 'en' : 'zh-CN'} onClick={() => chooseLanguage(language === 'zh' ? 'en' : 'zh')}>
        {t.language}
      </Button>
      <Popover
        trigger="click"
        placement="topLeft"
        open={isOpen}
        onOpenChange={setOpen}
        content={<Menu onLeave={() => setOpen(false)} />}
      >
        <button type="button" className="shell-person" aria-haspopup="dialog">
          <span className="avatar" data-initial={viewer.name.slice(0, 1)} />
          <span className="visually-hidden">{t.account}: </span>
          <span className="ellipsis">{viewer.name}</span>
        </button>
      </Popover>
    </div>
  );
}

function Menu({ onLeave }: { onLeave: () => void }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const appearance = useStore(appearanceStore);
  return (
    <div className="account-menu">
      <strong>{viewer.name}</strong>
      <span className="muted">{viewer.merchant?.name ?? t.platform}</span>
      <Link to="/account" onClick={onLeave}>{t.myAccount}</Link>
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
      <RoleSwitch />
      <ClockControl />
      <Button size="small" onClick={() => void signOut()}>{t.signOut}</Button>
    </div>
  );
}
