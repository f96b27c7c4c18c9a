import { useState } from 'react';

import { useQuery } from 'urql';

import { graphql } from '../../api/graphql';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { Field } from '../../components/Field';
import { Form } from '../../components/Form';
import { define, useMessages } from '../../i18n/messages';
import { actions } from '../../i18n/terms';
import type { StepProps } from './steps';

const messages = define({
  to: { zh: '分配给', en: 'Assign to' },
  me: { zh: '我', en: 'Me' },
  load: { zh: (name: string, n: number) => `${name}（在手 ${n} 单）`, en: (name: string, n: number) => `${name} (${n} orders)` },
});

const WORKLOAD = graphql(`query Colleagues { workload { assignee { id name } unfinished } }`);
const ASSIGN = graphql(`
  mutation Assign($input: AssignServiceOrdersInput!) {
    assignServiceOrders(input: $input) {
      results { index done serviceOrder { ...OrderRow } refusals { code message } }
      refusals { code message }
    }
  }
`);

/** Assigns an order to oneself, to a colleague, or to nobody. */
export default function Assign({ order, action, onDone }: StepProps) {
  const t = useMessages(messages);
  const names = useMessages(actions);
  const viewer = useViewer();
  const [{ data }] = useQuery({ query: WORKLOAD, pause: action !== 'ASSIGN' });
  const [chosen, setChosen] = useState('');
  const { submit, payload, problem, isRunning } = useSubmit(ASSIGN, { keyed: true });
  const assigneeId = action === 'ASSIGN' ? chosen : action === 'CLAIM' ? viewer.id : null;
  const refusals = payload?.results[0]?.refusals ?? [];
  const send = async () => {
    const done = await submit({ input: { ids: [order.id], assigneeId } });
    if (done?.results[0]?.done) onDone();
  };
  return (
    <Form problem={problem ?? (refusals.length ? { refusals, failure: null } : null)} fields={action === 'ASSIGN' ? ['assigneeId'] : []} send={send} label={names[action]} isRunning={isRunning}>
      {action === 'ASSIGN' && (
        <Field name="assigneeId" problem={problem} label={t.to}>
          <select className="select" required value={chosen} onChange={event => setChosen(event.target.value)}>
            <option value="" />
            <option value={viewer.id}>{t.me}</option>
            {data?.workload?.map(({ assignee, unfinished }) => assignee && assignee.id !== viewer.id && <option key={assignee.id} value={assignee.id}>{t.load(assignee.name, unfinished)}</option>)}
          </select>
        </Field>
      )}
    </Form>
  );
}
