// A merchant's enrolment: its addresses, its history, and what the platform can decide.
import { useState } from 'react';

import { Button, Drawer, Popconfirm } from 'antd';

import type { EnrolmentFactsFragment } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { Permission } from '../../components/Permission';
import { Problem } from '../../components/Problem';
import { useMessages } from '../../i18n/messages';
import { PlatformScopes } from '../connections/PlatformScopes';
import { APPROVE, REJECT, RESET_MAIN_ACCOUNT, RESUME, SUSPEND } from './documents';
import { EnrolmentHistory } from './EnrolmentHistory';
import { EnrolmentTag } from './EnrolmentTag';
import { messages } from './messages';
import { OneTimeCode } from './OneTimeCode';
import { ReasonForm } from './ReasonForm';
import './platform.css';

interface Props {
  readonly enrolment: EnrolmentFactsFragment;
  readonly onDecided: (enrolment: EnrolmentFactsFragment) => void;
  readonly onClose: () => void;
}

export function MerchantDrawer({ enrolment, onDecided, onClose }: Props) {
  const { merchant, status } = enrolment;
  return (
    <Drawer
      open
      size={560}
      onClose={onClose}
      title={<span className="row"><span className="ellipsis">{merchant.name}</span><EnrolmentTag of={status} /></span>}
      footer={<Permission anyOf={['ENROLMENT_REVIEW']}><Decisions enrolment={enrolment} onDecided={onDecided} /></Permission>}
    >
      <Addresses of={enrolment} />
      <EnrolmentHistory of={enrolment} />
      <Permission anyOf={['ENROLMENT_REVIEW']}><PlatformScopes merchantId={merchant.id} /></Permission>
      <Permission anyOf={['PLATFORM_ACCOUNT_MANAGE']}><MainAccount merchantId={merchant.id} /></Permission>
    </Drawer>
  );
}

function Decisions({ enrolment: { merchant, status }, onDecided }: Pick<Props, 'enrolment' | 'onDecided'>) {
  const t = useMessages(messages);
  const approval = useSubmit(APPROVE);
  const [asked, setAsked] = useState<'reject' | 'suspend' | 'resume' | null>(null);
  const rejection = useSubmit(REJECT);
  const suspension = useSubmit(SUSPEND);
  const resumption = useSubmit(RESUME);
  const form = asked && { reject: rejection, suspend: suspension, resume: resumption }[asked];
  const close = () => {
    form?.clear();
    setAsked(null);
  };
  const decided = (payload: { enrolment: EnrolmentFactsFragment | null } | null) => {
    if (!payload?.enrolment) return;
    onDecided(payload.enrolment);
    close();
  };
  return (
    <>
      <Problem of={approval.problem} />
      <div className="row platform-buttons">
        {status === 'PENDING_REVIEW' && (
          <>
            <Button danger onClick={() => setAsked('reject')}>{t.reject}</Button>
            <Button type="primary" loading={approval.isRunning} onClick={() => void approval.submit({ input: { merchantId: merchant.id } }).then(decided)}>
              {t.approve}
            </Button>
          </>
        )}
        {status === 'ENABLED' && <Button danger onClick={() => setAsked('suspend')}>{t.suspend}</Button>}
        {status === 'SUSPENDED' && <Button type="primary" onClick={() => setAsked('resume')}>{t.resume}</Button>}
      </div>
      {asked && form && (
        <ReasonForm
          title={t[asked]}
          effect={t[`${asked}Effect`]}
          isDangerous={asked !== 'resume'}
          problem={form.problem}
          isRunning={form.isRunning}
          onClose={close}
          onSubmit={reason => void form.submit({ input: { merchantId: merchant.id, reason } }).then(decided)}
        />
      )}
    </>
  );
}

function Addresses({ of: { returnAddresses } }: { of: EnrolmentFactsFragment }) {
  const t = useMessages(messages);
  return (
    <section className="platform-section">
      <h2>{t.addresses}</h2>
      {!returnAddresses.length && <p className="muted">{t.noAddress}</p>}
      <ul>
        {returnAddresses.map(({ id, isDefault, contact, phone, region, detail }) => (
          <li key={id}>
            <span className="row wrap">{contact} <span className="mono">{phone}</span>{isDefault && <span className="tag">{t.defaultAddress}</span>}</span>
            <span className="muted">{region} {detail}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function MainAccount({ merchantId }: { merchantId: string }) {
  const t = useMessages(messages);
  const { submit, payload, problem, isRunning } = useSubmit(RESET_MAIN_ACCOUNT);
  return (
    <section className="platform-section">
      <h2>{t.mainAccount}</h2>
      <Problem of={problem} />
      {payload?.code ? <OneTimeCode code={payload.code} expiresAt={payload.expiresAt} hint={t.codeOnce} /> : (
        <Popconfirm title={t.mainReset} description={t.mainResetHint} okText={t.confirm} cancelText={t.cancel} onConfirm={() => void submit({ input: { merchantId } })}>
          <Button size="small" loading={isRunning}>{t.mainReset}</Button>
        </Popconfirm>
      )}
    </section>
  );
}
