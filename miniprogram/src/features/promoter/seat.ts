/** The promoter whose seat the person takes: the only one, or the one that was chosen. */
import { computed, reactive } from 'vue'
import { callAs, get, type Shapes } from '@/api/client'

const STORE = 'party'

export const seats = reactive({ items: [] as Shapes['MySeat'][], chosen: (uni.getStorageSync(STORE) || '') as string })
export const promoting = computed(() => seats.items.filter((one) => one.kind === 'promoter'))
export const seat = computed(() => promoting.value.find((one) => one.no === seats.chosen) ?? promoting.value[0])

/** Ask which seats the person has, and take one of a promoter. */
export async function takeSeat(): Promise<Shapes['MySeat'] | null> {
  seats.items = (await get('/api/storefront/me')).seats
  if (seat.value) change(seat.value.no)
  return seat.value ?? null
}

/** Act for another of the person's promoters. */
export function change(no: string): void {
  seats.chosen = no
  uni.setStorageSync(STORE, no)
  callAs({ party: no })
}
