// Light, dark, or as the system is; comfortable or dense.
import { useSyncExternalStore } from 'react';

import { createStore, useStore } from '../api/store';

export type Appearance = 'system' | 'light' | 'dark';
export type Density = 'dense' | 'comfortable';

const APPEARANCE = 'aftersales:console:appearance';
const DENSITY = 'aftersales:console:density';
const system = matchMedia('(prefers-color-scheme: dark)');

export const appearanceStore = createStore<Appearance>((localStorage.getItem(APPEARANCE) as Appearance) ?? 'system');
export const densityStore = createStore<Density>((localStorage.getItem(DENSITY) as Density) ?? 'dense');

export function chooseAppearance(appearance: Appearance): void {
  localStorage.setItem(APPEARANCE, appearance);
  appearanceStore.set(appearance);
}

export function chooseDensity(density: Density): void {
  localStorage.setItem(DENSITY, density);
  densityStore.set(density);
}

export function useIsDark(): boolean {
  const appearance = useStore(appearanceStore);
  const isSystemDark = useSyncExternalStore(
    listener => {
      system.addEventListener('change', listener);
      return () => system.removeEventListener('change', listener);
    },
    () => system.matches,
  );
  return appearance === 'system' ? isSystemDark : appearance === 'dark';
}
