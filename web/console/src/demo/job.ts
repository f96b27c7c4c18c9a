import type { Viewer } from '../api/viewer';
import { useMessages } from '../i18n/messages';
import { jobs } from './accounts';

/** In one word, what a person of the demo does. */
export function useJob(viewer: Viewer): string {
  const names = useMessages(jobs);
  if (viewer.isPlatform) return names.platform;
  if (viewer.kind === 'MAIN_ACCOUNT') return names.owner;
  const [reviews, processes] = [viewer.may('REVIEW'), viewer.may('PROCESS')];
  if (reviews && processes) return names.supervisor;
  return reviews ? names.reviewer : processes ? names.processor : names.readonly;
}
