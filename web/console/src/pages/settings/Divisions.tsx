// Province, city and district: each level is asked for when the one above is chosen.
import { useEffect, useState } from 'react';

import { Cascader } from 'antd';
import { useClient } from 'urql';

import { useMessages } from '../../i18n/messages';
import { DIVISIONS } from './documents';
import { messages } from './messages';

interface Option {
  readonly value: string;
  readonly label: string;
  readonly isLeaf: boolean;
  children?: Option[];
}

/** The codes of province, city and district; empty without a choice. */
export type Codes = readonly string[];

interface Props {
  readonly value: Codes;
  readonly onChange: (codes: Codes) => void;
}

export function Divisions({ value, onChange }: Props) {
  const t = useMessages(messages);
  const client = useClient();
  const [options, setOptions] = useState<readonly Option[]>([]);
  const [hasFailed, setFailed] = useState(false);
  const [turn, setTurn] = useState(0);
  const below = async (parentCode: string | null): Promise<Option[]> => {
    const { data, error } = await client.query(DIVISIONS, { parentCode }, { requestPolicy: 'cache-first' }).toPromise();
    if (error) throw error;
    return (data?.divisions ?? []).map(({ code, name, level }) => ({ value: code, label: name, isLeaf: level === 'DISTRICT' }));
  };
  const [first, second] = value;
  useEffect(() => {
    let isCurrent = true;
    // The names of what is chosen already, and their neighbours.
    const load = async () => {
      const [provinces, cities, districts] = await Promise.all([below(null), first ? below(first) : [], second ? below(second) : []]);
      const nested = (of: Option[], code: string | undefined, children: Option[]) => of.map(option => (option.value === code ? { ...option, children } : option));
      return nested(provinces, first, nested(cities, second, districts));
    };
    load().then(
      loaded => isCurrent && (setOptions(loaded), setFailed(false)),
      () => isCurrent && setFailed(true),
    );
    return () => {
      isCurrent = false;
    };
    // Once, and again when it failed: what is opened later is asked for by `loadData`.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, turn]);
  return (
    <>
      <Cascader<Option>
        aria-label={t.region}
        className="division-choice"
        allowClear={false}
        placeholder={t.chooseRegion}
        options={[...options]}
        value={[...value]}
        onChange={codes => onChange(codes ?? [])}
        loadData={async chosen => {
          const last = chosen.at(-1);
          if (!last) return;
          const children = await below(last.value).catch(() => null);
          setFailed(children === null);
          if (!children) return;
          last.children = children;
          setOptions(known => [...known]);
        }}
      />
      {hasFailed && <small className="danger" role="alert">{t.noDivisions} <button type="button" className="link" onClick={() => setTurn(turn + 1)}>{t.retry}</button></small>}
    </>
  );
}
