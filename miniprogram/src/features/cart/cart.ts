/**
 * The cart: the server's, at today's prices. What is changed shows at once, waits on the phone until the server has heard
 * it, and goes along with the next answer; what was seen last is kept for when the network is gone.
 */
import { computed, reactive, watch } from 'vue'
import { get, put, type Shapes } from '@/api/client'
import { Failure, failureOf } from '@/api/failure'
import { network } from '@/api/network'
import { session, signedIn } from '@/features/session/session'
import { t } from '@/texts'
import { toast } from '@/use/say'
import { heard, wait, waiting } from './queue'

export type Item = Shapes['CartItem']
const SEEN = 'cart'
const LEFT_OUT = 'cart-left-out'
const MOST_AT_ONCE = 100

export const cart = reactive({
  items: [] as Item[],
  leftOut: (uni.getStorageSync(LEFT_OUT) || []) as number[],
  error: null as Failure | null,
  busy: false,
  known: false,
  /** Something was set that the server hasn't heard. */
  behind: false,
})

const usable = (one: Item): boolean => !one.invalid
export const good = computed(() => cart.items.filter(usable))
export const gone = computed(() => cart.items.filter((one) => !usable(one)))
export const chosen = computed(() => good.value.filter((one) => !cart.leftOut.includes(one.sku_id)))
export const total = computed(() => chosen.value.reduce((sum, one) => sum + one.price_fen * one.quantity, 0))
export const pieces = computed(() => cart.items.reduce((sum, one) => sum + one.quantity, 0))

/** The good ones by shop, in the order in which the shops come. */
export const shops = computed(() => {
  const found = new Map<string, { no: string; name: string; items: Item[] }>()
  for (const one of good.value) {
    const shop = found.get(one.shop.no) ?? { ...one.shop, items: [] }
    shop.items.push(one)
    found.set(one.shop.no, shop)
  }
  return [...found.values()]
})

/** Tell the server what waits, and ask it for the cart; without an answer what was seen last stays. */
export async function load(): Promise<void> {
  if (!signedIn.value) {
    Object.assign(cart, { items: [], error: null, known: false, behind: false })
    uni.stopPullDownRefresh()
    return
  }
  if (!cart.known) cart.items = changed(seen())
  cart.busy = true
  try {
    if (!(await tell())) keep((await get('/api/storefront/cart')).items)
  } catch (problem) {
    cart.error = failureOf(problem)
  } finally {
    cart.busy = false
    uni.stopPullDownRefresh()
  }
}

/** Let the cart hold this many of a choice. Without a network it waits and is told later. */
export async function hold(sku_id: number, quantity: number): Promise<void> {
  await set({ [sku_id]: quantity })
}

/** Put more of a choice in. */
export async function add(sku_id: number, quantity: number): Promise<void> {
  if (!signedIn.value) throw new Failure('signin', t('common.signInFirst'))
  if (!cart.known) await load()
  if (!cart.known && cart.error) throw cart.error
  const there = cart.items.find((one) => one.sku_id === sku_id)?.quantity ?? 0
  await set({ [sku_id]: there + quantity })
  choose([sku_id], true)
}

/** Take choices out. */
export async function takeOut(skuIds: number[]): Promise<void> {
  await set(Object.fromEntries(skuIds.map((sku_id) => [sku_id, 0])))
}

/** Say what is to be bought, and what stays in the cart for later. */
export function choose(skuIds: number[], yes: boolean): void {
  const rest = cart.leftOut.filter((one) => !skuIds.includes(one))
  cart.leftOut = yes ? rest : [...rest, ...skuIds]
  uni.setStorageSync(LEFT_OUT, cart.leftOut)
}

/** When the network is back, what waits is told by itself; once, at the start. */
export function followNetwork(): void {
  watch(
    () => network.lost,
    (lost) => {
      if (!lost && signedIn.value && Object.keys(waiting()).length) void load()
    },
  )
}

async function set(wanted: Record<string, number>): Promise<void> {
  wait(wanted)
  cart.items = changed(cart.items)
  cart.behind = true
  try {
    await tell()
  } catch (problem) {
    const failure = failureOf(problem)
    if (failure.passing && known(wanted)) return toast(t('cart.waits'))
    throw failure
  }
}

/** Whether all of these show in the cart, so that setting them can wait without surprising anybody. */
const known = (wanted: Record<string, number>): boolean =>
  Object.entries(wanted).every(([sku, quantity]) => !quantity || cart.items.some((one) => one.sku_id === Number(sku)))

let telling: Promise<boolean> | null = null

/** Tell the server what waits until nothing does; true when there was something. One teller at a time. */
function tell(): Promise<boolean> {
  telling ??= tellAll().finally(() => (telling = null))
  return telling
}

async function tellAll(): Promise<boolean> {
  let told = false
  for (let wanted = next(); Object.keys(wanted).length; wanted = next()) {
    const items = Object.entries(wanted).map(([sku, quantity]) => ({ sku_id: Number(sku), quantity }))
    try {
      const answer = await put('/api/storefront/cart', { body: { items } })
      heard(wanted)
      keep(answer.items)
      told = true
    } catch (problem) {
      const failure = failureOf(problem)
      if (failure.passing || failure.why === 'signin') throw failure
      // The server will never take it: what it holds is shown again.
      heard(wanted)
      await get('/api/storefront/cart').then((answer) => keep(answer.items), () => undefined)
      throw failure
    }
  }
  return told
}

const next = (): Record<string, number> => Object.fromEntries(Object.entries(waiting()).slice(0, MOST_AT_ONCE))

/** Items as they will be once the server has heard what waits. */
function changed(items: Item[]): Item[] {
  const wanted = waiting()
  return items
    .map((one) => ({ ...one, quantity: wanted[one.sku_id] ?? one.quantity }))
    .filter((one) => one.quantity > 0)
}

function keep(items: Item[]): void {
  const behind = Object.keys(waiting()).length > 0
  Object.assign(cart, { items: changed(items), error: null, known: true, behind })
  uni.setStorageSync(SEEN, { who: session.person?.no ?? '', items })
}

/** What this person saw last. */
function seen(): Item[] {
  const kept = uni.getStorageSync(SEEN) as { who: string; items: Item[] } | ''
  return kept && kept.who === (session.person?.no ?? '') ? kept.items : []
}
