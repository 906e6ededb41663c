/** States of orders and refunds, in words. */
import type { Key } from '@/texts'

const ORDER: Record<string, Key> = {
  unpaid: 'order.unpaid',
  paid: 'order.toShip',
  shipped: 'order.shipped',
  completed: 'order.completed',
  closed: 'order.closedState',
}
const REFUND: Record<string, Key> = {
  requested: 'order.requested',
  approved: 'order.approved',
  refunded: 'order.refunded',
  rejected: 'order.rejected',
  cancelled: 'order.cancelled',
}

export const orderState = (state: string): Key => ORDER[state] ?? 'order.one'
export const refundState = (state: string): Key => REFUND[state] ?? 'order.refundState'
