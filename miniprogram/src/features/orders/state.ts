/** States of orders, in words. */
import type { Key } from '@/texts'

const ORDER: Record<string, Key> = {
  unpaid: 'order.unpaid',
  paid: 'order.toShip',
  shipped: 'order.shipped',
  completed: 'order.completed',
  closed: 'order.closedState',
}
export const orderState = (state: string): Key => ORDER[state] ?? 'order.one'
