// The tour at the first sight of the demo.
import { useState } from 'react';

import { Tour, type TourStepProps } from 'antd';
import { useQuery } from 'urql';

import { QUEUE_SUMMARY } from '../../api/counters';
import { useViewer } from '../../api/viewer';
import { useDemo } from '../../demo/accounts';
import { useMessages } from '../../i18n/messages';
import { useJob } from '../../demo/job';
import { messages } from './messages';

const SEEN = 'aftersales:console:tour-seen';

export default function DemoTour() {
  const demo = useDemo();
  const [isSeen, setSeen] = useState(() => localStorage.getItem(SEEN) !== null);
  if (!demo || isSeen) return null;
  const end = () => {
    localStorage.setItem(SEEN, '1');
    setSeen(true);
  };
  return <Steps onEnd={end} />;
}

function Steps({ onEnd }: { onEnd: () => void }) {
  const t = useMessages(messages);
  const viewer = useViewer();
  const job = useJob(viewer);
  const [{ data }] = useQuery({ query: QUEUE_SUMMARY, pause: viewer.isPlatform });
  const summary = data?.queueSummary;
  if (!summary && !viewer.isPlatform) return null;
  const urgent = summary ? summary.review.overdue + summary.review.dueSoon : 0;
  const at = (selector: string) => () => document.querySelector<HTMLElement>(selector) as HTMLElement;
  const all: readonly (TourStepProps & { of?: string })[] = [
    { title: t.you(viewer.name, job, urgent), description: t.youText },
    { title: t.queue, description: t.queueText, of: '.desk-tabs' },
    { title: t.decide, description: t.decideText, of: '.desk-table tbody tr' },
    { title: t.search, description: t.searchText, of: '.desk-search' },
    { title: t.role, description: t.roleText, of: '.shell-person' },
  ];
  const steps = all
    .filter(({ of }) => !of || document.querySelector(of))
    .map(({ of, ...step }) => ({ ...step, ...(of && { target: at(of) }) }));
  return <Tour open steps={steps} mask={false} onClose={onEnd} onFinish={onEnd} />;
}
