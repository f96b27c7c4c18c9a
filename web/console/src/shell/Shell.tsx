// The frame around every page: navigation, who is signed in, and what is wrong with the connection.
import { Component, useEffect, useState, type ReactNode } from 'react';

import { Button } from 'antd';
import { matchPath, Navigate, NavLink, Route, Routes, useLocation } from 'react-router';
import { useClient, useQuery } from 'urql';

import { forbiddenStore, onBack } from '../api/connection';
import { noteServerTime } from '../api/serverTime';
import { disconnect } from '../api/subscriptions';
import { useViewer, VIEWER, Viewer, ViewerContext } from '../api/viewer';
import { languageStore } from '../i18n/language';
import { useMessages } from '../i18n/messages';
import { useStore } from '../api/store';
import { Loaded } from '../components/Loaded';
import { loadable } from '../components/loadable';
import { routes, type PageRoute } from '../routes';
import { AccountMenu } from './AccountMenu';
import { ConnectionBanner } from './ConnectionBanner';
import { Notices } from './notices';
import { Starting } from './Starting';
import { messages } from './messages';
import './shell.css';

const DemoTour = loadable(() => import('../pages/tour/DemoTour'));
const SignInAgain = loadable(() => import('./SignInAgain'));

export default function Shell({ isExpired }: { isExpired: boolean }) {
  const [result, refresh] = useQuery({ query: VIEWER });
  const client = useClient();
  useEffect(() => onBack(() => refresh({ requestPolicy: 'network-only' })), [refresh, client]);
  useEffect(() => {
    // Beside the viewer, not after it.
    routes.find(({ path }) => matchPath(`/console${path}`, location.pathname))?.Page.preload();
  }, []);
  const forbidden = useStore(forbiddenStore);
  useEffect(() => {
    if (forbidden) refresh({ requestPolicy: 'network-only' });
  }, [forbidden, refresh]);
  useEffect(() => disconnect, [client]);
  const time = result.data?.serverTime;
  useEffect(() => {
    if (time) noteServerTime(time);
  }, [time]);
  return (
    <>
      <ConnectionBanner />
      {!result.data && !result.error ? (
        <Starting />
      ) : (
        <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
          {({ viewer }) =>
            viewer && (
              <ViewerContext value={new Viewer(viewer)}>
                <Frame />
              </ViewerContext>
            )
          }
        </Loaded>
      )}
      <Notices />
      {isExpired && (
        <SignInAgain />
      )}
    </>
  );
}

function Frame() {
  const t = useMessages(messages);
  const viewer = useViewer();
  const { pathname } = useLocation();
  const open = routes.filter(route => route.mayOpen(viewer));
  return (
    <div className="shell">
      <a className="skip" href="#content">{t.skip}</a>
      <Navigation routes={open} />
      <main id="content" className="shell-content" tabIndex={-1}>
        <Failsafe key={pathname}>
          <Routes>
            <Route index element={<Navigate replace to={homeOf(open)} />} />
            {open.map(({ path, Page }) => <Route key={path} path={path} element={<Page />} />)}
            <Route path="*" element={<Elsewhere />} />
          </Routes>
        </Failsafe>
      </main>
      <DemoTour />
    </div>
  );
}

function homeOf(open: readonly PageRoute[]): string {
  return (open.find(({ nav }) => nav)?.path ?? '/nowhere').replace('/*', '');
}

function Navigation({ routes: open }: { routes: readonly PageRoute[] }) {
  const t = useMessages(messages);
  const language = useStore(languageStore);
  const viewer = useViewer();
  return (
    <header className="shell-side">
      <p className="shell-brand">
        <img src="/console/icon.svg" alt="" width="24" height="24" />
        <span className="ellipsis">{viewer.merchant?.name ?? t.platform}</span>
      </p>
      <nav aria-label={t.navigation}>
        <ul>
          {open.map(({ path, nav }) =>
            nav ? (
              <li key={path}>
                <NavLink to={path.replace('/*', '')}>
                  <nav.Icon />
                  <span>{nav[language]}</span>
                </NavLink>
              </li>
            ) : null,
          )}
        </ul>
      </nav>
      <AccountMenu />
    </header>
  );
}

function Elsewhere() {
  const t = useMessages(messages);
  const { pathname } = useLocation();
  const isKnown = routes.some(({ path }) => pathname.startsWith(path.replace(/\/[*:].*$/, '')));
  return (
    <div className="empty">
      <p>{isKnown ? t.notAllowed : t.notFound}</p>
      <NavLink to="/">{t.home}</NavLink>
    </div>
  );
}

/** Keeps the failure of one page from taking the others with it. */
class Failsafe extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <Failed error={this.state.error} /> : this.props.children;
  }
}

function Failed({ error }: { error: Error }) {
  const t = useMessages(messages);
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="empty" role="alert">
      <p onDoubleClick={() => setOpen(!isOpen)}>{t.failed}</p>
      {isOpen && <pre>{error.stack}</pre>}
      <Button onClick={() => location.reload()}>{t.reload}</Button>
    </div>
  );
}
