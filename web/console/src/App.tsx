// Who is signed in decides what is shown: the sign-in page, or the shell with its pages.
import { useMemo } from 'react';

import { BrowserRouter } from 'react-router';
import { Provider } from 'urql';

import { createClient } from './api/client';
import { sessionStore } from './api/session';
import { useStore } from './api/store';
import { loadable } from './components/loadable';
import { languageStore } from './i18n/language';
import { Theme } from './theme/Theme';
import { Starting } from './shell/Starting';

const SignIn = loadable(() => import('./pages/sign-in/SignIn'), <Starting />);
const Shell = loadable(() => import('./shell/Shell'), <Starting />);

export function App() {
  return (
    <Theme>
      <BrowserRouter basename="/console">
        <Session />
      </BrowserRouter>
    </Theme>
  );
}

function Session() {
  const { state, number } = useStore(sessionStore);
  const language = useStore(languageStore);
  // Another account, or another language, is another cache: nothing of the one is shown in the other.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const client = useMemo(createClient, [number, language]);
  if (state === 'looking') return <Starting />;
  return (
    <Provider value={client}>
      {state === 'signed-out' ? <SignIn /> : <Shell key={number} isExpired={state === 'expired'} />}
    </Provider>
  );
}
