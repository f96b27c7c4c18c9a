// Which goods go to which return address: a list whose first fitting rule holds, saved as a whole.
import { useState } from 'react';

import { Button, Input, Popconfirm, Select } from 'antd';
import { Link } from 'react-router';
import { useQuery } from 'urql';

import type { ReturnAddressRuleKind } from '../../api/graphql/graphql';
import { useSubmit } from '../../api/useSubmit';
import { besides, Field } from '../../components/Field';
import { sending } from '../../components/Form';
import { Loaded } from '../../components/Loaded';
import { Problem } from '../../components/Problem';
import { ruleKinds } from '../../i18n/addressRules';
import { useMessages } from '../../i18n/messages';
import { notify } from '../../shell/notices';
import { ADDRESSES, SET_RULES, SETTINGS, type Address, type Settings } from './documents';
import { messages } from './messages';
import { RuleTrial } from './RuleTrial';

const KINDS: readonly ReturnAddressRuleKind[] = ['SKU_PREFIX', 'CATEGORY', 'WAREHOUSE'];
const MOST = 100;

interface Line {
  readonly key: number;
  readonly kind: ReturnAddressRuleKind;
  readonly value: string;
  readonly returnAddressId: string;
}

type Of = NonNullable<Settings['returnAddressRules']>;

export function AddressRules() {
  const t = useMessages(messages);
  const [result, refresh] = useQuery({ query: SETTINGS });
  const [addresses, refreshAddresses] = useQuery({ query: ADDRESSES });
  const rules = result.data?.viewer?.merchant?.returnAddressRules;
  return (
    <>
      <section className="card">
        <div className="card-head"><h2>{t.addressRules}</h2><p className="muted">{t.rulesHint}</p></div>
        <Loaded of={result} onRetry={() => refresh({ requestPolicy: 'network-only' })}>
          {({ viewer }) => (
            <Loaded of={addresses} onRetry={() => refreshAddresses({ requestPolicy: 'network-only' })}>
              {({ returnAddresses }) => {
                const of = viewer?.merchant?.returnAddressRules;
                if (!of) return null;
                if (!returnAddresses?.length) return <p className="empty"><Link to="/settings/addresses">{t.addAddressFirst}</Link></p>;
                return <Form of={of} addresses={returnAddresses} onReload={() => refresh({ requestPolicy: 'network-only' })} />;
              }}
            </Loaded>
          )}
        </Loaded>
      </section>
      {rules && <RuleTrial key={rules.version} />}
    </>
  );
}

function linesOf({ rules }: Of): readonly Line[] {
  return rules.map((rule, key) => ({ key, ...rule }));
}

function Form({ of, addresses, onReload }: { of: Of; addresses: readonly Address[]; onReload: () => void }) {
  const t = useMessages(messages);
  const [start, setStart] = useState(of);
  const [lines, setLines] = useState(linesOf(of));
  const { submit, problem, isRunning, clear } = useSubmit(SET_RULES);
  const isChanged = JSON.stringify(lines.map(bare)) !== JSON.stringify(start.rules.map(bare));
  const show = (rules: Of) => {
    setStart(rules);
    setLines(linesOf(rules));
    clear();
  };
  // What a colleague saved is shown at once, unless it would take away what is typed here.
  if (of.version !== start.version && !isChanged) show(of);
  const put = (key: number, part: Partial<Line>) => setLines(lines.map(line => (line.key === key ? { ...line, ...part } : line)));
  const move = (index: number, by: number) => {
    const next = [...lines];
    next.splice(index + by, 0, ...next.splice(index, 1));
    setLines(next);
  };
  const add = () => setLines([...lines, { key: Math.max(0, ...lines.map(({ key }) => key)) + 1, kind: 'SKU_PREFIX', value: '', returnAddressId: addresses[0]?.id ?? '' }]);
  const save = async () => {
    const payload = await submit({ input: { rules: lines.map(bare), expectedVersion: start.version } });
    const saved = payload?.merchant?.returnAddressRules;
    if (!saved) return;
    show(saved);
    notify(t.saved);
  };
  const isStale = problem?.refusals.some(({ code }) => code === 'ADDRESS_RULES_CHANGED') ?? false;
  const fallback = addresses.find(({ isDefault }) => isDefault);
  return (
    <form className="card-body form" onSubmit={sending(save)}>
      <ol className="rules" aria-label={t.addressRules}>
        {lines.map((line, index) => (
          <li key={line.key}>
            <Field name={`rules.${index}`} problem={problem} label={t.rule(index + 1)} isGroup>
              <Rule line={line} addresses={addresses} onChange={part => put(line.key, part)} />
              <div className="row">
                <Button size="small" disabled={index === 0} onClick={() => move(index, -1)}>{t.up}</Button>
                <Button size="small" disabled={index === lines.length - 1} onClick={() => move(index, 1)}>{t.down}</Button>
                <Button size="small" danger onClick={() => setLines(lines.filter(({ key }) => key !== line.key))}>{t.remove}</Button>
              </div>
            </Field>
          </li>
        ))}
        <li className="rules-rest"><strong>{lines.length ? t.otherGoods : t.allGoods}</strong> → {t.defaultAddress}: {fallback && nameOf(fallback)}</li>
      </ol>
      <Problem of={besides(problem, ...lines.map((_, index) => `rules.${index}`))} onRetry={() => void save()} />
      {isStale && (
        <p>
          <Popconfirm title={t.reloadRules} description={t.reloadRulesHint} okText={t.yes} cancelText={t.no} onConfirm={() => { show(of); onReload(); }}>
            <Button>{t.reloadRules}</Button>
          </Popconfirm>
        </p>
      )}
      <div className="row wrap">
        <Button disabled={lines.length >= MOST} onClick={add}>{t.addRule}</Button>
        <Button type="primary" htmlType="submit" disabled={!isChanged} loading={isRunning}>{t.save}</Button>
        {isChanged && <Button type="text" onClick={() => show(start)}>{t.undo}</Button>}
      </div>
    </form>
  );
}

function Rule({ line, addresses, onChange }: { line: Line; addresses: readonly Address[]; onChange: (part: Partial<Line>) => void }) {
  const t = useMessages(messages);
  const kinds = useMessages(ruleKinds);
  return (
    <div className="rule">
      <Select aria-label={t.ruleKind} value={line.kind} onChange={kind => onChange({ kind })} options={KINDS.map(value => ({ value, label: kinds[value] }))} />
      <Input aria-label={t.ruleValue} required maxLength={64} value={line.value} onChange={event => onChange({ value: event.target.value })} />
      <span aria-hidden>→</span>
      <Select
        aria-label={t.address}
        value={line.returnAddressId}
        onChange={returnAddressId => onChange({ returnAddressId })}
        options={addresses.map(address => ({ value: address.id, label: nameOf(address) }))}
      />
    </div>
  );
}

function bare({ kind, value, returnAddressId }: Omit<Line, 'key'>) {
  return { kind, value: value.trim(), returnAddressId };
}

function nameOf({ contact, region, detail }: Address): string {
  return `${contact} · ${region} ${detail}`;
}
