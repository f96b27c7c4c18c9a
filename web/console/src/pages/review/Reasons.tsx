import type { ServiceOrderAction } from '../../api/graphql/graphql';
import type { Problem } from '../../api/problem';
import { Refusals } from '../../components/Field';
import { useMessages } from '../../i18n/messages';
import { messages } from './messages';

interface Reason {
  readonly code: string;
  readonly name: string;
  readonly parentCode: string | null;
  readonly decisions: readonly ServiceOrderAction[];
}

interface Props {
  readonly reasons: readonly Reason[];
  readonly decision: ServiceOrderAction;
  readonly value: string | null;
  readonly isMissing: boolean;
  /** The path in the input, as a refusal has it. */
  readonly name: string;
  readonly problem: Problem | null;
  readonly onChange: (code: string | null) => void;
}

const MOST_CHIPS = 8;

/** The reasons that a decision takes: as chips, one click each; as a list where there are many. */
export function Reasons({ reasons, decision, value, isMissing, name, problem, onChange }: Props) {
  const t = useMessages(messages);
  const groups = new Set(reasons.flatMap(({ parentCode }) => parentCode ?? []));
  const fitting = reasons.filter(({ code, decisions }) => !groups.has(code) && (!decisions.length || decisions.includes(decision)));
  if (!fitting.length) return null;
  return (
    <fieldset className="field reasons" aria-invalid={isMissing}>
      <legend className="muted">{t.reason}</legend>
      {fitting.length <= MOST_CHIPS ? (
        <div className="row wrap" role="radiogroup" aria-label={t.reason}>
          {fitting.map(({ code, name: label }, index) => (
            <button
              key={code}
              type="button"
              role="radio"
              className="chip"
              data-first={(index === 0 && decision === 'REJECT') || undefined}
              aria-checked={value === code}
              onClick={() => onChange(value === code ? null : code)}
            >
              {label}
            </button>
          ))}
        </div>
      ) : (
        <select className="select" data-first={decision === 'REJECT' || undefined} aria-label={t.reason} value={value ?? ''} onChange={event => onChange(event.target.value || null)}>
          <option value="">{decision === 'REJECT' ? t.chooseReason : t.noReason}</option>
          {fitting.map(({ code, name: label }) => <option key={code} value={code}>{label}</option>)}
        </select>
      )}
      {isMissing && <span className="danger">{t.missing}</span>}
      <Refusals name={name} problem={problem} />
    </fieldset>
  );
}
