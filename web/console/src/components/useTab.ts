import { useSearchParams } from 'react-router';

/** The tab of a page, which its address names: `?tab=`. The first one without it. */
export function useTab<const T extends readonly [string, ...string[]]>(tabs: T): [T[number], (tab: T[number]) => void] {
  const [params, setParams] = useSearchParams();
  const asked = params.get('tab');
  const tab = tabs.find(name => name === asked) ?? tabs[0];
  return [tab, next => setParams({ tab: next }, { replace: true })];
}
