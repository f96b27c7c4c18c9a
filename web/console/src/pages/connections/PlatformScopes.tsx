// What the platform grants to the connectors of a merchant.
import { useQuery } from 'urql';

import { useSubmit } from '../../api/useSubmit';
import { besides } from '../../components/Field';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { CATALOGUE } from '../staff/documents';
import { CONNECTORS, GRANT_SCOPES, type Connector } from './documents';
import { messages } from './messages';
import { Scopes } from './Scopes';
import './connections.css';

export function PlatformScopes({ merchantId }: { merchantId: string }) {
  const t = useMessages(messages);
  const [result] = useQuery({ query: CONNECTORS, variables: { merchantId } });
  return (
    <section className="platform-section">
      <h2>{t.connectors}</h2>
      <Loaded of={result}>
        {({ connectors }) => {
          const active = (connectors ?? []).filter(({ disabledAt }) => disabledAt === null);
          return active.length ? active.map(connector => <Granted key={connector.id} connector={connector} />) : <p className="muted">{t.noConnectors}</p>;
        }}
      </Loaded>
    </section>
  );
}

function Granted({ connector }: { connector: Connector }) {
  const [{ data }] = useQuery({ query: CATALOGUE });
  const { submit, problem } = useSubmit(GRANT_SCOPES);
  const own = new Set((data?.permissions ?? []).filter(({ scopeGiver }) => scopeGiver === 'PLATFORM').map(({ permission }) => permission));
  return (
    <div role="group" aria-label={connector.name}>
      <p>{connector.name}</p>
      <Scopes
        giver="PLATFORM"
        value={connector.scopes.filter(scope => own.has(scope))}
        onChange={scopes => void submit({ input: { id: connector.id, scopes: [...scopes] } })}
        problem={problem}
      />
      <Problem of={besides(problem, 'scopes')} />
    </div>
  );
}
