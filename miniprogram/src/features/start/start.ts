/** What the mall is and offers: asked once when the app starts, kept for the next start without a network. */
import { computed, reactive } from 'vue'
import { get, type Shapes } from '@/api/client'
import { failureOf, type Failure } from '@/api/failure'

const STORE = 'start'

export const start = reactive({
  data: (uni.getStorageSync(STORE) || null) as Shapes['Start'] | null,
  error: null as Failure | null,
})

/** Ask what the mall offers. */
export async function loadStart(): Promise<void> {
  try {
    start.data = await get('/api/storefront/config')
    start.error = null
    uni.setStorageSync(STORE, start.data)
  } catch (problem) {
    start.error = failureOf(problem)
  }
}

/** Whether the mall offers a function (coupons, points, bargains …); a switched-off one is shown nowhere. */
export const offers = (name: string): boolean => start.data?.functions[name] ?? false

export const mallName = computed(() => start.data?.mall ?? '')
