/** A checkout before it is placed: what is bought, what is used on it, and what the server says it comes to. */
import { computed, reactive } from 'vue'
import { post, type Shapes } from '@/api/client'
import { type Failure, failureOf } from '@/api/failure'
import { chosen } from '@/features/cart/cart'

export type Seen = Shapes['CheckoutSeen']
interface Item {
  sku_id: number
  quantity: number
}

const fresh = () => ({
  items: [] as Item[],
  fromCart: false,
  address_no: '',
  vouchers: null as string[] | null,
  points: 0 as number | null,
  use_balance: false,
  bargain: '',
  points_good: '',
  notes: {} as Record<string, string>,
  seen: null as Seen | null,
  error: null as Failure | null,
  busy: false,
})

export const checkout = reactive(fresh())
export const pieces = computed(() =>
  (checkout.seen?.shops ?? []).flatMap((shop) => shop.lines).reduce((sum, line) => sum + line.quantity, 0),
)

/** Begin with what a page says: one choice (`sku`, `n`), a bargain, goods for points, else what is chosen in the cart. */
export function begin(options: Record<string, string>): void {
  const alone = options.bargain || options.good
  const items = options.bargain
    ? []
    : options.sku
      ? [{ sku_id: Number(options.sku), quantity: Number(options.n) || 1 }]
      : alone
        ? []
        : chosen.value.map(({ sku_id, quantity }) => ({ sku_id, quantity }))
  Object.assign(checkout, fresh(), {
    items,
    fromCart: !options.sku && !alone,
    bargain: options.bargain ?? '',
    points_good: options.good ?? '',
  })
}

/** Ask what it comes to now. */
export async function look(): Promise<void> {
  checkout.busy = true
  try {
    const { items, address_no, vouchers, points, use_balance, bargain, points_good } = checkout
    const body = { items, address_no, vouchers, points, use_balance, bargain, points_good }
    checkout.seen = await post('/api/storefront/checkouts/preview', { body })
    checkout.error = null
  } catch (problem) {
    checkout.error = failureOf(problem)
  } finally {
    checkout.busy = false
  }
}

/** Change what is used on it, and look again. */
export function use(wish: Partial<Pick<typeof checkout, 'vouchers' | 'points' | 'use_balance' | 'address_no'>>): Promise<void> {
  Object.assign(checkout, wish)
  return look()
}

/** What the server said it comes to now, when it refused another sum than the one seen; null for any other refusal. */
export function changedTo(failure: Failure): Seen | null {
  return failure.code === 'price_changed' ? ((failure.details.preview as Seen | undefined) ?? null) : null
}

export interface Difference {
  label: string
  before: string
  now: string
}

/** Go on from what it comes to now. Coupons that were chosen by hand stay chosen as far as they still apply. */
export function accept(now: Seen): void {
  Object.assign(checkout, { seen: now, vouchers: now.chosen, points: now.points.used, error: null })
}

/** Place what was seen: another sum now is refused by the server, never charged. */
export async function place(): Promise<Shapes['Placed']> {
  const seen = checkout.seen as Seen
  return post('/api/storefront/orders', {
    body: {
      items: seen.shops.flatMap((shop) => shop.lines).map(({ sku_id, quantity }) => ({ sku_id, quantity })),
      address_no: seen.address?.no ?? '',
      vouchers: seen.chosen,
      points: seen.points.used,
      use_balance: checkout.use_balance,
      bargain: checkout.bargain,
      points_good: checkout.points_good,
      notes: Object.fromEntries(Object.entries(checkout.notes).filter(([, note]) => note.trim())),
      expected_fen: seen.expected_fen,
    },
  })
}
