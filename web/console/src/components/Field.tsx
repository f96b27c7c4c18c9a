// A field of a form, with what the server refused about it beneath it.
import type { ReactNode } from 'react';

import type { Problem as ProblemOf, Refusal } from '../api/problem';

interface Props {
  readonly label: ReactNode;
  /** The field of the input as a refusal's `path` begins, such as `address.zip`. Without one, no refusal is shown here. */
  readonly name?: string | readonly string[];
  readonly problem?: ProblemOf | null;
  readonly hint?: ReactNode;
  /** More than one control: a group with a caption instead of a label. */
  readonly isGroup?: boolean;
  readonly children: ReactNode;
}

export function Field({ label, name, problem = null, hint, isGroup = false, children }: Props) {
  const below = (
    <>
      {hint && <small className="muted">{hint}</small>}
      {name !== undefined && <Refusals name={name} problem={problem} />}
    </>
  );
  return isGroup ? (
    <fieldset className="field">
      <legend>{label}</legend>
      {children}
      {below}
    </fieldset>
  ) : (
    <label className="field">
      <span>{label}</span>
      {children}
      {below}
    </label>
  );
}

/** What was refused about a field, for one that is no `Field`. */
export function Refusals({ name, problem }: { readonly name: string | readonly string[]; readonly problem: ProblemOf | null }) {
  const names = typeof name === 'string' ? [name] : name;
  const refusals = (problem?.refusals ?? []).filter(refusal => names.some(one => concerns(refusal, one)));
  return refusals.map(({ message }) => <small key={message} className="danger" role="alert">{message}</small>);
}

/** What concerns none of the fields that are shown: it belongs to the form. */
export function besides(problem: ProblemOf | null, ...names: readonly string[]): ProblemOf | null {
  if (!problem || problem.failure) return problem;
  const refusals = problem.refusals.filter(refusal => !names.some(name => concerns(refusal, name)));
  return refusals.length ? { refusals, failure: null } : null;
}

function concerns({ path = [] }: Refusal, name: string): boolean {
  const of = path[0] === 'input' ? path.slice(1) : path;
  return `${of.join('.')}.`.startsWith(`${name}.`);
}
