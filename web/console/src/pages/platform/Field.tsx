import type { ReactNode } from 'react';

import type { Problem } from '../../api/problem';

interface Props {
  readonly label: string;
  readonly hint?: string;
  /** The refusals of the form, and the name of this field in the input: those that name it stand below it. */
  readonly problem?: Problem | null;
  readonly path?: string;
  readonly children: ReactNode;
}

/** A field of a form with its label, and below it what the server says about it. */
export function Field({ label, hint, problem, path, children }: Props) {
  const refused = path ? (problem?.refusals.filter(refusal => refusal.path?.includes(path)) ?? []) : [];
  return (
    <label className="field">
      <span>{label}</span>
      {children}
      {refused.map(({ message }) => <span key={message} role="alert" className="danger">{message}</span>)}
      {hint && !refused.length && <span className="muted platform-hint">{hint}</span>}
    </label>
  );
}

/** The part of a problem that no field shows. */
export function elsewhere(problem: Problem | null, paths: readonly string[]): Problem | null {
  if (!problem || problem.failure) return problem;
  const refusals = problem.refusals.filter(({ path }) => !path?.some(step => paths.includes(step)));
  return refusals.length ? { refusals, failure: null } : null;
}
