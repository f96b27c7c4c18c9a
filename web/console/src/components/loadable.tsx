// A component whose code is loaded when it is first shown, or before, by `preload()`.
//
// Not `React.lazy`: React shows the fallback of a Suspense for 300 ms at least, and what comes after it
// waits. Loading from this server takes a tenth of that.
import { useEffect, type ComponentType, type ReactNode } from 'react';

import { createStore, useStore } from '../api/store';

export interface Loadable<Props> {
  (props: Props): ReactNode;
  preload: () => void;
}

/** `fallback` is shown while the code is loaded; code that cannot be loaded is an error of the component. */
export function loadable<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
  fallback: ReactNode = null,
): Loadable<Props> {
  const store = createStore<{ Component?: ComponentType<Props>; error?: unknown }>({});
  let isLoading = false;
  const preload = () => {
    if (isLoading) return;
    isLoading = true;
    load().then(
      module => store.set({ Component: module.default }),
      (error: unknown) => {
        isLoading = false;
        store.set({ error });
      },
    );
  };
  function Shown(props: Props) {
    const { Component, error } = useStore(store);
    useEffect(() => {
      if (!Component) preload();
    }, [Component]);
    if (error) throw error;
    return Component ? <Component {...props} /> : fallback;
  }
  return Object.assign(Shown, { preload });
}
