/** States of earnings and withdrawals, in words. */
import type { Key } from '@/texts'

const EARNING: Record<string, Key> = {
  waiting: 'promoter.waitsForFunds',
  pending: 'promoter.pending',
  settled: 'promoter.settled',
  cancelled: 'promoter.voided',
}
const WITHDRAWAL: Record<string, Key> = {
  requested: 'promoter.requested',
  approved: 'promoter.approved',
  sending: 'promoter.paying',
  waiting_user: 'promoter.waiting',
  paid: 'promoter.paid',
  returned: 'promoter.failed',
  rejected: 'promoter.rejected',
  cancelled: 'promoter.cancelled',
}

export const earningState = (state: string): Key => EARNING[state] ?? 'promoter.earnings'
export const withdrawalState = (state: string): Key => WITHDRAWAL[state] ?? 'promoter.withdrawals'
