// The accounts of the demo, which only a demo tells. Everywhere else there are none.
import { useEffect } from 'react';

import { createStore, useStore } from '../api/store';
import { define } from '../i18n/messages';

interface Demo {
  readonly password: string;
  readonly logins: readonly string[];
}

const demoStore = createStore<Demo | null | undefined>(undefined);
let isAsked = false;

/** The demo; null on a server that is none, undefined until that is known. */
export function useDemo(): Demo | null | undefined {
  useEffect(() => {
    if (isAsked) return;
    isAsked = true;
    fetch('/console/settings.json')
      .then(response => response.json() as Promise<{ demo: Demo | null }>)
      .then(({ demo }) => demoStore.set(demo))
      .catch(() => demoStore.set(null));
  }, []);
  return useStore(demoStore);
}

export const jobs = define({
  reviewer: { zh: '审核员', en: 'Reviewer' },
  processor: { zh: '处理员', en: 'Processor' },
  supervisor: { zh: '主管', en: 'Supervisor' },
  owner: { zh: '主账号', en: 'Main account' },
  readonly: { zh: '只读', en: 'Read only' },
  platform: { zh: '平台', en: 'Platform' },
});

export type Job = keyof typeof jobs;

const ORDER: readonly Job[] = ['reviewer', 'processor', 'supervisor', 'owner', 'readonly'];

/** The accounts of the first merchant, and the platform's. */
export function offered({ logins }: Demo): readonly { readonly login: string; readonly job: Job }[] {
  const merchant = logins.find(login => login.endsWith('-owner'))?.replace(/-owner$/, '');
  const own = ORDER.map(job => ({ login: `${merchant}-${job}`, job })).filter(({ login }) => logins.includes(login));
  return [...own, ...logins.filter(login => login === 'platform').map(login => ({ login, job: 'platform' as const }))];
}
