import { graphql } from '../../api/graphql';
import type { ExportFactsFragment } from '../../api/graphql/graphql';

graphql(`
  fragment ExportFacts on Export {
    id status format columns total rowsWritten bytes revealsContacts error createdAt finishedAt expiresAt url
    requestedBy { name }
  }
`);
export type Export = ExportFactsFragment;

export const EXPORTS = graphql(`
  query Exports($after: String) {
    exports(first: 30, after: $after) {
      nodes { ...ExportFacts }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export const PROGRESS = graphql(`
  subscription ExportProgress($id: ID!) { exportChanged(id: $id) { ...ExportFacts } }
`);

/** How many orders a filter matches, before they are exported. */
export const MATCHES = graphql(`
  query ExportMatches($filter: ServiceOrderFilter) { serviceOrders(filter: $filter, first: 1) { totalCount } }
`);

export const EXPORT = graphql(`
  mutation ExportServiceOrders($input: ExportServiceOrdersInput!) {
    exportServiceOrders(input: $input) { export { ...ExportFacts } refusals { code message path } }
  }
`);

export const CANCEL = graphql(`
  mutation CancelExport($input: CancelExportInput!) {
    cancelExport(input: $input) { export { ...ExportFacts } refusals { code message path } }
  }
`);
