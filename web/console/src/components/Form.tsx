// The form of one mutation: its fields, what is refused besides them, and the button that sends it.
import type { ReactNode, SubmitEvent } from 'react';

import { Button } from 'antd';

import type { Problem as ProblemOf } from '../api/problem';
import { besides } from './Field';
import { Problem } from './Problem';

interface Props {
  readonly send: () => unknown;
  readonly problem: ProblemOf | null;
  /** The fields that show themselves what is refused about them: see `Field`. */
  readonly fields?: readonly string[];
  /** The text of the button. */
  readonly label: string;
  readonly isRunning: boolean;
  /** What it takes is not all there yet: nothing can be sent. */
  readonly isIncomplete?: boolean;
  readonly isDangerous?: boolean;
  readonly children?: ReactNode;
}

export function Form({ send, problem, fields = [], label, isRunning, isIncomplete = false, isDangerous = false, children }: Props) {
  return (
    <form className="form" onSubmit={sending(send)}>
      {children}
      <Problem of={besides(problem, ...fields)} onRetry={() => void send()} />
      <Button type="primary" danger={isDangerous} htmlType="submit" disabled={isIncomplete} loading={isRunning}>{label}</Button>
    </form>
  );
}

/** The handler of a form that does something itself instead of leaving the page. */
export function sending(send: () => unknown) {
  return (event: SubmitEvent) => {
    event.preventDefault();
    void send();
  };
}
