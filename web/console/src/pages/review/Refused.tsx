import { Alert } from 'antd';

import type { RefusedFragment } from '../../api/graphql/graphql';
import type { Refusal } from '../../api/problem';
import { Instant } from '../../components/Instant';
import { useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import { messages } from './messages';

/** Why a decision was refused. What a colleague decided meanwhile is told; the order beside it is as it is now. */
export function Refused({ refusals }: { refusals: readonly Refusal[] }) {
  return (
    <>
      {(refusals as readonly RefusedFragment[]).map(refusal => <One key={refusal.code + refusal.message} refusal={refusal} />)}
    </>
  );
}

function One({ refusal }: { refusal: RefusedFragment }) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  if (refusal.__typename === 'AlreadyDecided') {
    const who = refusal.automatic ? t.automatic : refusal.by.name;
    return (
      <Alert
        type="warning"
        showIcon
        role="alert"
        title={t.decided}
        description={<>{t.decidedBy(who, names[refusal.decision])} · <Instant at={refusal.at} form="full" /></>}
      />
    );
  }
  if (refusal.__typename === 'StaleVersion') return <Alert type="warning" showIcon role="alert" title={t.changed} />;
  return <Alert type="warning" showIcon role="alert" title={refusal.message} />;
}
