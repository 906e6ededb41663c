/** The cart: the server's, at today's prices; what was seen last is kept for when the network is gone. */
import { computed, reactive } from 'vue'
import { get, put, remove, type Shapes } from '@/api/client'
import { Failure, failureOf } from '@/api/failure'
import { signedIn } from '@/features/session/session'
import { t } from '@/texts'

export type Item = Shapes['CartItem']
const SEEN = 'cart'
const LEFT_OUT = 'cart-left-out'

export const cart = reactive({
  items: [] as Item[],
  leftOut: (uni.getStorageSync(LEFT_OUT) || []) as number[],
  error: null as Failure | null,
  busy: false,
  known: false,
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

/** Ask the server for the cart; without an answer what was seen last stays. */
export async function load(): Promise<void> {
  if (!signedIn.value) {
    Object.assign(cart, { items: [], error: null, known: false })
    uni.stopPullDownRefresh()
    return
  }
  if (!cart.known) cart.items = (uni.getStorageSync(SEEN) || []) as Item[]
  cart.busy = true
  try {
    keep((await get('/api/storefront/cart')).items)
  } catch (problem) {
    cart.error = failureOf(problem)
  } finally {
    cart.busy = false
    uni.stopPullDownRefresh()
  }
}

/** Let the cart hold this many of a choice. */
export async function hold(sku_id: number, quantity: number): Promise<void> {
  const answer = await put('/api/storefront/cart/{sku_id}', { path: { sku_id }, body: { quantity } })
  keep(answer.items)
}

/** Put more of a choice in. */
export async function add(sku_id: number, quantity: number): Promise<void> {
  if (!signedIn.value) throw new Failure('signin', t('common.signInFirst'))
  if (!cart.known) keep((await get('/api/storefront/cart')).items)
  const there = cart.items.find((one) => one.sku_id === sku_id)?.quantity ?? 0
  await hold(sku_id, there + quantity)
  choose([sku_id], true)
}

/** Take choices out. */
export async function takeOut(skuIds: number[]): Promise<void> {
  for (const sku_id of skuIds) {
    keep((await remove('/api/storefront/cart/{sku_id}', { path: { sku_id } })).items)
  }
}

/** Say what is to be bought, and what stays in the cart for later. */
export function choose(skuIds: number[], yes: boolean): void {
  const rest = cart.leftOut.filter((one) => !skuIds.includes(one))
  cart.leftOut = yes ? rest : [...rest, ...skuIds]
  uni.setStorageSync(LEFT_OUT, cart.leftOut)
}

function keep(items: Item[]): void {
  Object.assign(cart, { items, error: null, known: true })
  uni.setStorageSync(SEEN, items)
}
