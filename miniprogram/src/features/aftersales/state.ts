/** After-sales in words: where they stand, whose turn it is and until when. */
import type { Shapes } from '@/api/client'
import { type Key, t } from '@/texts'
import { moment } from '@/use/show'

type AfterSale = Pick<Shapes['MyRefund'], 'state' | 'kind' | 'due_at' | 'final'>

const STATES: Record<string, Key> = {
  requested: 'order.requested',
  returning: 'refund.returning',
  sent: 'refund.sent',
  disputed: 'refund.disputed',
  approved: 'order.approved',
  refunded: 'order.refunded',
  rejected: 'order.rejected',
  cancelled: 'order.cancelled',
}
const KINDS: Record<string, Key> = { unshipped: 'refund.unshipped', shipped: 'refund.shipped', return: 'refund.return' }
const WAITS: Record<string, Key> = {
  requested: 'refund.waitsShop',
  returning: 'refund.waitsReturning',
  sent: 'refund.waitsSent',
}
const BY: Record<string, Key> = {
  buyer: 'refund.byBuyer',
  merchant: 'refund.byMerchant',
  operator: 'refund.byOperator',
  time: 'refund.byTime',
}

export const stateOf = (state: string): Key => STATES[state] ?? 'order.refundState'
export const kindOf = (kind: string): Key => KINDS[kind] ?? 'order.refundState'
export function byWhom(by: string): string {
  const key = BY[by]
  return key ? t(key) : ''
}

/** What comes next, in a sentence; empty where nothing does. */
export function hintOf(one: AfterSale): string {
  const unasked = one.state === 'requested' && one.kind === 'unshipped'
  const waits: Key | undefined = unasked ? 'refund.waitsUnshipped' : WAITS[one.state]
  if (waits && one.due_at) return t(waits, { when: moment(one.due_at) })
  if (one.state === 'disputed') return t('refund.waitsDisputed')
  if (one.state === 'approved') return t('refund.approvedHint')
  if (one.state === 'refunded') return t('refund.refundedHint')
  return one.state === 'rejected' && one.final ? t('refund.finalNo') : ''
}
