/**
 * What a buyer set in the cart and the server hasn't heard yet: for each choice the quantity that was set last, 0 for taken
 * out. It is kept on the phone, over restarts too, and belongs to the person who set it.
 */
import { session } from '@/features/session/session'

const STORE = 'cart-queue'
type Wanted = Record<string, number>
interface Kept {
  who: string
  wanted: Wanted
}

const who = (): string => session.person?.no ?? ''

/** Return what waits, by choice. */
export function waiting(): Wanted {
  const kept = uni.getStorageSync(STORE) as Kept | ''
  return kept && kept.who === who() ? kept.wanted : {}
}

/** Keep the quantities that were set now. */
export function wait(set: Wanted): void {
  uni.setStorageSync(STORE, { who: who(), wanted: { ...waiting(), ...set } })
}

/** The server has heard these, or will not take them: gone, unless another quantity was set meanwhile. */
export function heard(sent: Wanted): void {
  const rest = Object.entries(waiting()).filter(([sku, quantity]) => sent[sku] !== quantity)
  uni.setStorageSync(STORE, { who: who(), wanted: Object.fromEntries(rest) })
}
