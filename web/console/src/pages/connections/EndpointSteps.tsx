import { Alert, Button, Popconfirm } from 'antd';

import { useSubmit } from '../../api/useSubmit';
import { Instant } from '../../components/Instant';
import { Problem } from '../../components/Problem';
import { Secret } from '../../components/Secret';
import { useMessages } from '../../i18n/messages';
import { Answer } from './Answer';
import { DELETE_ENDPOINT, DISABLE_ENDPOINT, ENABLE_ENDPOINT, ROTATE, TEST_ENDPOINT, type Endpoint } from './documents';
import { messages } from './messages';

export function EndpointSteps({ endpoint, onDeleted }: { endpoint: Endpoint; onDeleted: () => void }) {
  const t = useMessages(messages);
  const testing = useSubmit(TEST_ENDPOINT);
  const rotating = useSubmit(ROTATE);
  const disabling = useSubmit(DISABLE_ENDPOINT);
  const enabling = useSubmit(ENABLE_ENDPOINT);
  const deleting = useSubmit(DELETE_ENDPOINT);
  const input = { id: endpoint.id };
  const asked = { okText: t.yes, cancelText: t.no };
  const { result } = testing.payload ?? {};
  const remove = async () => {
    if (await deleting.submit({ input })) onDeleted();
  };
  return (
    <section className="drawer-steps">
      <div className="row wrap">
        <Button loading={testing.isRunning} onClick={() => void testing.submit({ input })}>{t.test}</Button>
        <Popconfirm {...asked} title={t.rotate} description={t.rotateHint} onConfirm={() => rotating.submit({ input })}>
          <Button loading={rotating.isRunning}>{t.rotate}</Button>
        </Popconfirm>
        {endpoint.disabledAt === null ? (
          <Popconfirm {...asked} title={t.disable} description={t.disableHint} onConfirm={() => disabling.submit({ input })}>
            <Button danger loading={disabling.isRunning}>{t.disable}</Button>
          </Popconfirm>
        ) : (
          <>
            <Button loading={enabling.isRunning} onClick={() => void enabling.submit({ input: { ...input, skipMissed: false } })}>{t.enable}</Button>
            <Popconfirm {...asked} title={t.enableSkipping} description={t.skipHint} onConfirm={() => enabling.submit({ input: { ...input, skipMissed: true } })}>
              <Button loading={enabling.isRunning}>{t.enableSkipping}</Button>
            </Popconfirm>
          </>
        )}
        <Popconfirm {...asked} title={t.delete} description={t.deleteHint} onConfirm={() => remove()}>
          <Button danger loading={deleting.isRunning}>{t.delete}</Button>
        </Popconfirm>
      </div>
      {[testing, rotating, disabling, enabling, deleting].map(({ problem }, index) => <Problem key={index} of={problem} />)}
      {result && <Alert type={result.delivered ? 'success' : 'warning'} showIcon title={result.delivered ? t.delivered : t.notDelivered} description={<Answer of={result} />} />}
      {rotating.payload?.secret && <Secret label={t.secret} text={rotating.payload.secret} />}
      {endpoint.formerSecretUntil && <p className="muted">{t.formerUntil} <Instant at={endpoint.formerSecretUntil} /></p>}
      {endpoint.failingSince && <p className="muted">{t.failingSince} <Instant at={endpoint.failingSince} /></p>}
    </section>
  );
}
