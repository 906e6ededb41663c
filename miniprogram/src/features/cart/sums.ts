/** What the chosen goods come to, as the server says: with the best coupons, without points, balance and freight. */
import { computed, ref, watch } from 'vue'
import { post } from '@/api/client'
import { cart, chosen, total } from './cart'

const CALM_MS = 400
const MOST = 100

/** Follow the choice: the server's sum once things are calm, until then the sum of the goods. */
export function useSums() {
  const said = ref({ of: '', minus_fen: 0 })
  const of = computed(() => chosen.value.map((one) => `${one.sku_id}×${one.quantity}@${one.price_fen}`).join())
  const minus = computed(() => (said.value.of === of.value ? said.value.minus_fen : 0))
  let calm: ReturnType<typeof setTimeout> | undefined
  watch(
    () => [of.value, cart.behind] as const,
    ([now, behind]) => {
      clearTimeout(calm)
      if (now && !behind && chosen.value.length <= MOST) calm = setTimeout(() => void ask(now), CALM_MS)
    },
    { immediate: true },
  )
  async function ask(now: string): Promise<void> {
    const items = chosen.value.map(({ sku_id, quantity }) => ({ sku_id, quantity }))
    const body = { items, address_no: '', vouchers: null, points: 0, use_balance: false, bargain: '', points_good: '' }
    const seen = await post('/api/storefront/checkouts/preview', { body }).catch(() => null)
    // Goods that can't be delivered are left out of the answer's sums: then only the goods' own sum is shown.
    if (seen && seen.goods_fen === total.value) said.value = { of: now, minus_fen: seen.discount_fen }
  }
  return { minus, payable: computed(() => total.value - minus.value) }
}
