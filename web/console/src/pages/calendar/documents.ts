import { graphql } from '../../api/graphql';
import type { PauseWindowsQuery } from '../../api/graphql/graphql';

export const PAUSE_WINDOWS = graphql(`
  query PauseWindows { pauseWindows { id name startAt endAt declaredBy { name } } }
`);
export type PauseWindow = NonNullable<PauseWindowsQuery['pauseWindows']>[number];

export const DECLARE = graphql(`
  mutation DeclarePauseWindow($input: DeclarePauseWindowInput!) {
    declarePauseWindow(input: $input) { pauseWindow { id } refusals { code message path } }
  }
`);
export const CHANGE = graphql(`
  mutation ChangePauseWindow($input: ChangePauseWindowInput!) {
    changePauseWindow(input: $input) { pauseWindow { id } refusals { code message path } }
  }
`);
export const WITHDRAW = graphql(`
  mutation WithdrawPauseWindow($input: WithdrawPauseWindowInput!) {
    withdrawPauseWindow(input: $input) { pauseWindow { id } refusals { code message path } }
  }
`);
