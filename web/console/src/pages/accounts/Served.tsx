// The merchants that a connector serves: all, or those that are chosen.
import { useEffect } from 'react';

import { Radio, Select } from 'antd';

import type { Problem } from '../../api/problem';
import { usePages } from '../../api/usePages';
import { Field } from '../../components/Field';
import { useMessages } from '../../i18n/messages';
import { MERCHANTS, type Named } from './documents';
import { messages } from './messages';

export interface Serves {
  readonly isAll: boolean;
  readonly ids: readonly string[];
}

/** The part of an input that says so. */
export function served({ isAll, ids }: Serves): { merchantIds?: readonly string[]; allMerchants: boolean } {
  return isAll ? { allMerchants: true } : { merchantIds: ids, allMerchants: false };
}

export function Served({ value, onChange, problem }: { value: Serves; onChange: (value: Serves) => void; problem: Problem | null }) {
  const t = useMessages(messages);
  return (
    <Field name="merchantIds" problem={problem} label={t.merchants} isGroup hint={value.isAll ? t.allHint : undefined}>
      <Radio.Group
        value={value.isAll}
        onChange={event => onChange({ ...value, isAll: event.target.value as boolean })}
        options={[{ value: true, label: t.all }, { value: false, label: t.chosen }]}
      />
      {!value.isAll && <Choice ids={value.ids} onChange={ids => onChange({ isAll: false, ids })} />}
    </Field>
  );
}

function Choice({ ids, onChange }: { ids: readonly string[]; onChange: (ids: readonly string[]) => void }) {
  const t = useMessages(messages);
  const pages = usePages(MERCHANTS, {}, data => data.enrolments);
  const { hasMore, more } = pages;
  useEffect(() => {
    // The box searches what is loaded, so all of them are.
    if (hasMore) more();
  }, [hasMore, more]);
  const known: readonly Named[] = pages.nodes;
  return (
    <Select
      mode="multiple"
      aria-label={t.choose}
      placeholder={t.choose}
      optionFilterProp="label"
      loading={pages.isLoading}
      value={[...ids]}
      onChange={onChange}
      options={known.map(({ merchant }) => ({ value: merchant.id, label: merchant.name }))}
    />
  );
}
