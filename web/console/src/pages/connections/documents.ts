import { graphql } from '../../api/graphql';
import type { ConnectorFactsFragment, DeliveriesQuery, WebhookEndpointFactsFragment } from '../../api/graphql/graphql';

graphql(`
  fragment WebhookEndpointFacts on WebhookEndpoint {
    id version url description kinds selection scopes formerSecretUntil failingSince disabledAt disabledReason createdAt
    owner { name }
  }
`);
export type Endpoint = WebhookEndpointFactsFragment;

graphql(`
  fragment WebhookDeliveryFacts on WebhookDelivery {
    id messageId type occurredAt serviceOrderId status attempts nextAttemptAt lastAttemptAt answerStatus failure durationMs answer
  }
`);
export type Delivery = NonNullable<DeliveriesQuery['webhookDeliveries']>['nodes'][number];

graphql(`
  fragment ConnectorFacts on Connector {
    id name scopes createdAt expiresAt lastUsedAt disabledAt owner { name }
  }
`);
export type Connector = ConnectorFactsFragment;

export const ENDPOINTS = graphql(`query WebhookEndpoints { webhookEndpoints { ...WebhookEndpointFacts } }`);
export const DELIVERIES = graphql(`
  query Deliveries($endpointId: ID!, $status: WebhookDeliveryStatus, $after: String) {
    webhookDeliveries(endpointId: $endpointId, status: $status, first: 20, after: $after) {
      nodes { ...WebhookDeliveryFacts }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export const CREATE_ENDPOINT = graphql(`
  mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) { webhookEndpoint { ...WebhookEndpointFacts } secret refusals { code message path } }
  }
`);
export const UPDATE_ENDPOINT = graphql(`
  mutation UpdateWebhookEndpoint($input: UpdateWebhookEndpointInput!) {
    updateWebhookEndpoint(input: $input) { webhookEndpoint { ...WebhookEndpointFacts } refusals { code message path } }
  }
`);
export const ROTATE = graphql(`
  mutation RotateWebhookSecret($input: RotateWebhookSecretInput!) {
    rotateWebhookSecret(input: $input) { webhookEndpoint { ...WebhookEndpointFacts } secret refusals { code message path } }
  }
`);
export const DISABLE_ENDPOINT = graphql(`
  mutation DisableWebhookEndpoint($input: DisableWebhookEndpointInput!) {
    disableWebhookEndpoint(input: $input) { webhookEndpoint { ...WebhookEndpointFacts } refusals { code message path } }
  }
`);
export const ENABLE_ENDPOINT = graphql(`
  mutation EnableWebhookEndpoint($input: EnableWebhookEndpointInput!) {
    enableWebhookEndpoint(input: $input) { webhookEndpoint { ...WebhookEndpointFacts } refusals { code message path } }
  }
`);
export const DELETE_ENDPOINT = graphql(`
  mutation DeleteWebhookEndpoint($input: DeleteWebhookEndpointInput!) {
    deleteWebhookEndpoint(input: $input) { done deletedId refusals { code message path } }
  }
`);
export const TEST_ENDPOINT = graphql(`
  mutation TestWebhookEndpoint($input: TestWebhookEndpointInput!) {
    testWebhookEndpoint(input: $input) { result { delivered answerStatus failure durationMs answer } refusals { code message path } }
  }
`);
export const RESEND = graphql(`
  mutation ResendWebhookDelivery($input: ResendWebhookDeliveryInput!) {
    resendWebhookDelivery(input: $input) { webhookDelivery { ...WebhookDeliveryFacts } refusals { code message path } }
  }
`);

export const CONNECTORS = graphql(`query Connectors($merchantId: ID) { connectors(merchantId: $merchantId) { ...ConnectorFacts } }`);
export const CREATE_CONNECTOR = graphql(`
  mutation CreateConnector($input: CreateConnectorInput!) {
    createConnector(input: $input) { connector { ...ConnectorFacts } token refusals { code message path } }
  }
`);
export const HAND_OVER = graphql(`
  mutation HandOverConnector($input: HandOverConnectorInput!) {
    handOverConnector(input: $input) { connector { ...ConnectorFacts } refusals { code message path } }
  }
`);
export const DISABLE_CONNECTOR = graphql(`
  mutation DisableConnector($input: DisableConnectorInput!) {
    disableConnector(input: $input) { done refusals { code message path } }
  }
`);
export const GRANT_SCOPES = graphql(`
  mutation GrantConnectorScopes($input: GrantConnectorScopesInput!) {
    grantConnectorScopes(input: $input) { connector { ...ConnectorFacts } refusals { code message path } }
  }
`);
