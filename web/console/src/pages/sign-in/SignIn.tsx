import { useState } from 'react';

import { Alert, Button } from 'antd';

import { useStore } from '../../api/store';
import { loadable } from '../../components/loadable';
import { chooseLanguage, languageStore } from '../../i18n/language';
import { useMessages } from '../../i18n/messages';
import { ConnectionBanner } from '../../shell/ConnectionBanner';
import { SignInForm } from './SignInForm';
import { SingleSignOn } from './SingleSignOn';
import { messages } from './messages';
import './sign-in.css';

const RedeemReset = loadable(() => import('./RedeemReset'));
const RoleSwitch = loadable(() => import('../../demo/RoleSwitch'));

export default function SignIn() {
  const t = useMessages(messages);
  const language = useStore(languageStore);
  const [isRedeeming, setRedeeming] = useState(false);
  /** Whose password was set by a code. */
  const [login, setLogin] = useState('');
  return (
    <>
      <ConnectionBanner />
      <main className="sign-in">
        <section className="card sign-in-card" aria-labelledby="sign-in-title">
          <h1 id="sign-in-title">
            <img src="/console/icon.svg" alt="" width="28" height="28" /> {t.title}
          </h1>
          {isRedeeming ? (
            <RedeemReset
              onBack={() => setRedeeming(false)}
              onDone={known => {
                setLogin(known);
                setRedeeming(false);
              }}
            />
          ) : (
            <>
              {login && <Alert type="success" showIcon role="status" title={t.passwordSet} />}
              <SignInForm key={login} known={login} />
              <Button type="link" size="small" onClick={() => setRedeeming(true)}>{t.redeem}</Button>
              <SingleSignOn />
              <RoleSwitch />
            </>
          )}
          <Button type="link" size="small" lang={language === 'zh' ? 'en' : 'zh-CN'} onClick={() => chooseLanguage(language === 'zh' ? 'en' : 'zh')}>
            {t.language}
          </Button>
        </section>
      </main>
    </>
  );
}
