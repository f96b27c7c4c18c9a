import { graphql } from '../../api/graphql';

export const SIGN_IN = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      accessToken refreshToken deviceToken
      viewer { id }
      refusals { code message }
    }
  }
`);

export const REDEEM = graphql(`
  mutation RedeemPasswordReset($input: RedeemPasswordResetInput!) {
    redeemPasswordReset(input: $input) { done refusals { code message path } }
  }
`);

export const BEGIN = graphql(`
  mutation BeginSingleSignOn($input: BeginSingleSignOnInput!) {
    beginSingleSignOn(input: $input) { authorizationUrl transaction refusals { code message } }
  }
`);

export const COMPLETE = graphql(`
  mutation CompleteSingleSignOn($input: CompleteSingleSignOnInput!) {
    completeSingleSignOn(input: $input) {
      accessToken refreshToken deviceToken
      viewer { id }
      refusals { code message }
    }
  }
`);
