// Single sign-on: to the provider, and back to `/console/sso`.
//
// Offered where a link named the merchant (`/console?sso=<id>`, `?sso=platform`), and from then on.
import { useEffect, useRef } from 'react';

import { Button } from 'antd';
import { useLocation, useNavigate } from 'react-router';

import { deviceToken, signedIn } from '../../api/session';
import { useSubmit } from '../../api/useSubmit';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { BEGIN, COMPLETE } from './documents';
import { messages } from './messages';

const PROVIDER = 'aftersales:console:sso';
const TRANSACTION = 'aftersales:console:sso-transaction';
const RETURN = '/console/sso';

export function SingleSignOn() {
  const t = useMessages(messages);
  const { search, pathname } = useLocation();
  const asked = new URLSearchParams(search).get('sso');
  const provider = asked ?? localStorage.getItem(PROVIDER);
  const beginning = useSubmit(BEGIN);
  const completing = useReturn(pathname === '/sso' ? search : null);
  if (!provider) return null;
  const begin = async () => {
    const merchantId = provider === 'platform' ? null : provider;
    const payload = await beginning.submit({ input: { merchantId, redirectUri: location.origin + RETURN } });
    if (!payload?.authorizationUrl || !payload.transaction) return;
    localStorage.setItem(PROVIDER, provider);
    sessionStorage.setItem(TRANSACTION, payload.transaction); // no credential: it completes this sign-in alone
    location.assign(payload.authorizationUrl);
  };
  return (
    <>
      <Button block loading={beginning.isRunning || completing.isRunning} onClick={() => void begin()}>{t.singleSignOn}</Button>
      <Problem of={completing.problem ?? beginning.problem} />
    </>
  );
}

/** Completes the sign-in with which the provider sent the person back. */
function useReturn(search: string | null) {
  const navigate = useNavigate();
  const completing = useSubmit(COMPLETE);
  const { submit } = completing;
  const isDone = useRef(false);
  useEffect(() => {
    const params = new URLSearchParams(search ?? '');
    const [code, state] = [params.get('code'), params.get('state')];
    const transaction = sessionStorage.getItem(TRANSACTION);
    if (isDone.current || !code || !state || !transaction) return;
    isDone.current = true;
    sessionStorage.removeItem(TRANSACTION);
    const known = deviceToken();
    void submit({
      input: { transaction, code, state, issuer: params.get('iss'), ...(known && { deviceToken: known }) },
    }).then(payload => {
      void navigate('/', { replace: true });
      if (payload?.viewer) signedIn(payload, payload.viewer.id, payload.deviceToken);
    });
  }, [search, submit, navigate]);
  return completing;
}
