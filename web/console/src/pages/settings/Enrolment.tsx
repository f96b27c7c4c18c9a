// How far the merchant's enrolment has come, what is missing, and the application for it.
import { useState } from 'react';

import { Alert, Button } from 'antd';
import { Link } from 'react-router';
import { useQuery } from 'urql';

import type { EnrolmentFactsFragment, Permission } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { useViewer } from '../../api/viewer';
import { besides } from '../../components/Field';
import { sending } from '../../components/Form';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { Tag } from '../../components/StatusTag';
import { useMessages } from '../../i18n/messages';
import { permissions } from '../../i18n/terms';
import { notify } from '../../shell/notices';
import { EnrolmentHistory } from '../platform/EnrolmentHistory';
import { EnrolmentTag } from '../platform/EnrolmentTag';
import { COVERAGE } from '../staff/documents';
import { ADDRESS_FIELDS, AddressFields, inputOf, NO_ADDRESS } from './AddressFields';
import { APPLY, ENROLMENT } from './documents';
import { messages } from './messages';

/** Without somebody who holds these, orders wait for the main account. */
const NEEDED: readonly Permission[] = ['REVIEW', 'RECEIVE', 'PROCESS', 'REFUND'];

export function Enrolment() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: ENROLMENT });
  return (
    <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
      {({ enrolment }) =>
        enrolment && (
          <>
            <section className="card">
              <div className="card-head"><h2 className="grow">{t.enrolment}</h2><EnrolmentTag of={enrolment.status} /></div>
              <div className="card-body form">
                <p>{t[`state${enrolment.status}`]}</p>
                <Why of={enrolment} />
                <Checklist of={enrolment} />
                {(enrolment.status === 'NOT_ENROLLED' || enrolment.status === 'REJECTED') && <Application of={enrolment} />}
              </div>
            </section>
            <section className="card"><div className="card-body"><EnrolmentHistory of={enrolment} /></div></section>
          </>
        )
      }
    </Loaded>
  );
}

function Why({ of: { status, attempts, suspensions } }: { of: EnrolmentFactsFragment }) {
  const t = useMessages(messages);
  const reason = status === 'REJECTED' ? attempts.at(-1)?.reason : status === 'SUSPENDED' ? suspensions.at(-1)?.reason : null;
  if (!reason) return null;
  return <Alert type={status === 'REJECTED' ? 'error' : 'warning'} showIcon title={status === 'REJECTED' ? t.rejectedBecause : t.suspendedBecause} description={reason} />;
}

function Checklist({ of: { returnAddresses } }: { of: EnrolmentFactsFragment }) {
  const t = useMessages(messages);
  const names = useMessages(permissions);
  const viewer = useViewer();
  const [{ data }] = useQuery({ query: COVERAGE, pause: !viewer.may('STAFF_MANAGE') });
  const address = returnAddresses.find(({ isDefault }) => isDefault);
  const holders = new Map(data?.coverage?.map(of => [of.permission, of.holders]));
  return (
    <ul className="checklist" aria-label={t.checklist}>
      <li>
        <Tag tone={address ? 'green' : 'red'}>{address ? t.there : t.missing}</Tag>
        <Link to="/settings/addresses">{t.defaultAddress}</Link>
        <span className="muted">{address && `${address.region} ${address.detail}`}</span>
      </li>
      {data && NEEDED.map(permission => {
        const count = holders.get(permission) ?? 0;
        return (
          <li key={permission}>
            <Tag tone={count ? 'green' : 'amber'}>{count ? t.there : t.onlyMain}</Tag>
            <Link to="/staff">{t.staffFor(names[permission])}</Link>
            <span className="muted">{count > 0 && t.people(count)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Application({ of: { status, returnAddresses } }: { of: EnrolmentFactsFragment }) {
  const t = useMessages(messages);
  const [address, setAddress] = useState(NO_ADDRESS);
  const { submit, problem, isRunning } = useSubmit(APPLY);
  const needsAddress = !returnAddresses.length;
  const send = async () => {
    if (await submit({ input: { returnAddress: needsAddress ? inputOf(address) : null } })) notify(t.applied);
  };
  return (
    <form className="form narrow-form" onSubmit={sending(send)}>
      {needsAddress && (
        <>
          <h3>{t.defaultAddress}</h3>
          <AddressFields value={address} onChange={setAddress} problem={problem} at="returnAddress" />
        </>
      )}
      <Problem of={besides(problem, ...(needsAddress ? ADDRESS_FIELDS.map(name => `returnAddress.${name}`) : []))} onRetry={() => void send()} />
      <div><Button type="primary" htmlType="submit" loading={isRunning}>{status === 'REJECTED' ? t.applyAgain : t.apply}</Button></div>
    </form>
  );
}
