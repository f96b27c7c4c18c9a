// What is kept in a tab while its person is at the provider, to link an account and not to sign in.
const TRANSACTION = 'aftersales:console:sso-link';

export function redirectUri(): string {
  return `${location.origin}/console/sso`;
}

/** Sends a tab to the provider. The page that began stays, and with it the session. */
export function startLink(tab: Window, authorizationUrl: string, transaction: string): void {
  tab.sessionStorage.setItem(TRANSACTION, transaction); // no credential: it completes this link alone
  tab.location.assign(authorizationUrl);
}

export function linkTransaction(): string | null {
  return sessionStorage.getItem(TRANSACTION);
}

export function endLink(): void {
  sessionStorage.removeItem(TRANSACTION);
}
