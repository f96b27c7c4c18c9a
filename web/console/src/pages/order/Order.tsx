import { Button } from 'antd';
import { useParams } from 'react-router';
import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import { useSubmit } from '../../api/useSubmit';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { StatusTag } from '../../components/StatusTag';

const ORDER = graphql(`
  query Order($id: ID!) { serviceOrder(id: $id) { id number version status } }
`);
const REVIEW = graphql(`
  mutation Review($input: ReviewServiceOrderInput!) {
    reviewServiceOrder(input: $input) {
      serviceOrder { id version status }
      queueSummary { ...Counters }
      refusals { code message }
    }
  }
`);

export default function Order() {
  const { id = '' } = useParams();
  const [result, refresh] = useQuery({ query: ORDER, variables: { id } });
  const { submit, problem, isRunning } = useSubmit(REVIEW, { keyed: true });
  return (
    <div className="page">
      <Loaded of={result} onRetry={refresh}>
        {({ serviceOrder: order }) =>
          order && (
            <>
              <div className="page-head">
                <h1 className="mono">{order.number}</h1>
                <StatusTag of={order.status} />
              </div>
              <Problem of={problem} />
              <Button
                type="primary"
                loading={isRunning}
                onClick={() => void submit({ input: { id, decision: { approve: { noteLanguage: 'ZH' } }, expectedVersion: order.version, evidenceIds: [] } })}
              >
                OK
              </Button>
            </>
          )
        }
      </Loaded>
    </div>
  );
}
