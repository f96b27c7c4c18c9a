import { Instant } from '../../components/Instant';
import { Tag } from '../../components/StatusTag';
import { useRuleText } from '../../i18n/addressRules';
import { useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import { messages as reviewMessages } from '../review/messages';
import type { Result } from './documents';
import { messages } from './messages';

/** What each order would get, or has got. What did not work comes first. */
export function Results({ results, isPlan }: { results: readonly Result[]; isPlan: boolean }) {
  const t = useMessages(messages);
  const ordered = [...results].sort((a, b) => Number(isGood(a, isPlan)) - Number(isGood(b, isPlan)));
  return (
    <div className="batch-results">
      <table className="table" aria-label={t.verdict}>
        <thead>
          <tr>
            <th scope="col">{t.order}</th>
            <th scope="col">{t.verdict}</th>
            <th scope="col">{t.details}</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map(result => (
            <tr key={result.index + (result.serviceOrder?.id ?? '')}>
              <td>
                <span className="mono">{result.serviceOrder?.number ?? '–'}</span>
                <div className="muted ellipsis batch-item">{result.serviceOrder?.item.name}</div>
              </td>
              <td>
                <Tag tone={isGood(result, isPlan) ? 'green' : 'red'}>{isGood(result, isPlan) ? (isPlan ? t.would : t.done) : isPlan ? t.cannot : t.not}</Tag>
              </td>
              <td><Details result={result} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Details({ result: { refusals, returnAddress, returnAddressRule } }: { result: Result }) {
  const t = useMessages(reviewMessages);
  const names = useMessages(actions);
  const ruleText = useRuleText();
  return (
    <>
      {refusals.map(refusal => (
        <p key={refusal.code}>
          {refusal.__typename === 'AlreadyDecided' ? (
            <>{t.decidedBy(refusal.automatic ? t.automatic : refusal.by.name, names[refusal.decision])} · <Instant at={refusal.at} /></>
          ) : (
            refusal.message
          )}
        </p>
      ))}
      {!refusals.length && returnAddress && <span className="muted">{returnAddress.region}{returnAddressRule && ` · ${ruleText(returnAddressRule)}`}</span>}
    </>
  );
}

function isGood({ done, replayed, refusals }: Result, isPlan: boolean): boolean {
  return isPlan ? !refusals.length : done || replayed;
}
