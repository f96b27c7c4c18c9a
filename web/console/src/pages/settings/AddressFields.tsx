// The fields of a postal address; what the server refuses about one stands below it.
import { Input } from 'antd';

import type { AddressInput } from '../../api/graphql/graphql';
import type { Problem } from '../../api/problem';
import { Field } from '../../components/Field';
import { useMessages } from '../../i18n/messages';
import { Divisions, type Codes } from './Divisions';
import { messages } from './messages';

export interface AddressDraft {
  readonly contact: string;
  readonly phone: string;
  readonly zip: string;
  readonly codes: Codes;
  readonly detail: string;
}

export const NO_ADDRESS: AddressDraft = { contact: '', phone: '', zip: '', codes: [], detail: '' };
export const ADDRESS_FIELDS = ['contact', 'phone', 'zip', 'provinceCode', 'cityCode', 'districtCode', 'detail'] as const;

export function inputOf({ contact, phone, zip, codes, detail }: AddressDraft): AddressInput {
  const [provinceCode = '', cityCode = '', districtCode = ''] = codes;
  return { contact: contact.trim(), phone: phone.trim(), zip: zip.trim() || null, provinceCode, cityCode, districtCode, detail: detail.trim() };
}

interface Props {
  readonly value: AddressDraft;
  readonly onChange: (value: AddressDraft) => void;
  readonly problem: Problem | null;
  /** Where the address is in the input. */
  readonly at: string;
}

export function AddressFields({ value, onChange, problem, at }: Props) {
  const t = useMessages(messages);
  const put = (part: Partial<AddressDraft>) => onChange({ ...value, ...part });
  return (
    <>
      <div className="form-row">
        <Field name={`${at}.contact`} problem={problem} label={t.contact}>
          <Input required maxLength={64} autoComplete="off" value={value.contact} onChange={event => put({ contact: event.target.value })} />
        </Field>
        <Field name={`${at}.phone`} problem={problem} label={t.phone}>
          <Input required maxLength={32} autoComplete="off" inputMode="tel" value={value.phone} onChange={event => put({ phone: event.target.value })} />
        </Field>
      </div>
      <Field name={[`${at}.provinceCode`, `${at}.cityCode`, `${at}.districtCode`]} problem={problem} label={t.region} isGroup>
        <Divisions value={value.codes} onChange={codes => put({ codes })} />
      </Field>
      <Field name={`${at}.detail`} problem={problem} label={t.detail} hint={t.detailHint}>
        <Input required maxLength={200} autoComplete="off" value={value.detail} onChange={event => put({ detail: event.target.value })} />
      </Field>
      <Field name={`${at}.zip`} problem={problem} label={t.zip}>
        <Input maxLength={6} autoComplete="off" inputMode="numeric" value={value.zip} onChange={event => put({ zip: event.target.value })} />
      </Field>
    </>
  );
}
