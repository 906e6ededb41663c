/** What proves whose a shop or promoter is: the fields of a person and of an enterprise. */
import type { Key } from '@/texts'

export type Field = 'name' | 'id_number' | 'phone' | 'licence_name' | 'licence_no' | 'legal_person' | 'bank' | 'bank_account'

export const FIELDS: Record<string, { id: Field; key: Key; kind?: 'number' | 'idcard' }[]> = {
  individual: [
    { id: 'name', key: 'joining.realName' },
    { id: 'id_number', key: 'joining.idNumber', kind: 'idcard' },
    { id: 'phone', key: 'joining.phone', kind: 'number' },
  ],
  enterprise: [
    { id: 'licence_name', key: 'joining.licenceName' },
    { id: 'licence_no', key: 'joining.licenceNo' },
    { id: 'legal_person', key: 'joining.legalPerson' },
    { id: 'phone', key: 'joining.phone', kind: 'number' },
    { id: 'bank', key: 'joining.bank' },
    { id: 'bank_account', key: 'joining.bankAccount', kind: 'number' },
  ],
}

export const STATES: Record<string, Key> = {
  open: 'joining.open',
  filed: 'joining.filed',
  rejected: 'joining.rejected',
  approved: 'joining.approved',
}
