/** Bargains: starting one, how far it is, where it leads. */
import { post, type Shapes } from '@/api/client'
import { askMessages, ON_BARGAIN } from '@/features/messages/subscribe'
import { go } from '@/use/page'

type Bargain = Shapes['BargainShown']

/** Start a bargain of an offer and show it; one that runs already is that one. */
export async function startBargain(offerNo: string): Promise<void> {
  void askMessages(ON_BARGAIN)
  const made = await post('/api/storefront/bargain-offers/{no}/bargains', { path: { no: offerNo } })
  go(pageOf(made.code))
}

export const pageOf = (code: string): string => `/marketing/bargain/bargain?code=${code}`

/** How much of the way down to the lowest price is cut, in hundredths. */
export function progressOf({ price_fen, floor_fen, cut_fen }: Pick<Bargain, 'price_fen' | 'floor_fen' | 'cut_fen'>): number {
  const way = price_fen - floor_fen
  return way > 0 ? Math.min(100, Math.floor((cut_fen * 100) / way)) : 100
}

export const leftFen = ({ price_now_fen, floor_fen }: Pick<Bargain, 'price_now_fen' | 'floor_fen'>): number => price_now_fen - floor_fen

/** Buy at the price that was reached. */
export const buyAt = (one: Bargain): void => go(`/order/checkout/checkout?sku=${one.goods.sku_id}&n=1&bargain=${one.no}`)
