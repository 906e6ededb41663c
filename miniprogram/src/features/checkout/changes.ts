/** What differs between a checkout as it was seen and as it is now, in words. */
import { type Key, t } from '@/texts'
import { yuan } from '@/use/show'
import type { Difference, Seen } from './checkout'

const KINDS: Record<string, Key> = {
  coupon: 'order.coupon',
  points: 'order.points',
  bargain: 'order.bargain',
  points_good: 'order.pointsGood',
}
const shown = (fen: number): string => `¥${yuan(fen)}`
const minus = (fen: number): string => (fen ? `-¥${yuan(fen)}` : '¥0.00')

/** The name of a kind of discount. */
export const kindName = (kind: string): string => t(KINDS[kind] ?? 'order.discount')

/** Each difference, goods first; what stayed the same isn't among them. */
export function differences(before: Seen, now: Seen): Difference[] {
  const lines = (seen: Seen) => seen.shops.flatMap((shop) => shop.lines)
  const found: Difference[] = []
  const say = (label: string, was: string, is: string): void => {
    if (was !== is) found.push({ label, before: was, now: is })
  }
  for (const line of lines(before)) {
    const same = lines(now).find((one) => one.sku_id === line.sku_id)
    const why = now.unbuyable.find((one) => one.sku_id === line.sku_id)?.message
    const is = same ? `${shown(same.price_fen)} ×${same.quantity}` : (why ?? t('order.goneNow'))
    say(line.spec ? `${line.title} ${line.spec}` : line.title, `${shown(line.price_fen)} ×${line.quantity}`, is)
  }
  const kinds = new Set([...before.discounts, ...now.discounts].map((one) => one.kind))
  const of = (seen: Seen, kind: string) => seen.discounts.find((one) => one.kind === kind)?.amount_fen ?? 0
  for (const kind of kinds) say(kindName(kind), minus(of(before, kind)), minus(of(now, kind)))
  say(t('order.freight'), shown(before.freight_fen), shown(now.freight_fen))
  say(t('order.balanceUsed'), minus(before.balance_fen), minus(now.balance_fen))
  return found
}
