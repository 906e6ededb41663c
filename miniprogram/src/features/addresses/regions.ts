/** Regions: provinces, cities, districts, as the server keeps them; kept on the phone for a day. */
import { get } from '@/api/client'

export type Region = [code: string, name: string, below?: Region[]]

const STORE = 'regions'
const GOOD_MS = 24 * 3600 * 1000

export async function regions(): Promise<Region[]> {
  const kept = uni.getStorageSync(STORE) as { at: number; items: Region[] } | ''
  if (kept && Date.now() - kept.at < GOOD_MS) return kept.items
  const items = (await get('/api/storefront/regions')).items as Region[]
  uni.setStorageSync(STORE, { at: Date.now(), items })
  return items
}

/** The three columns of a picker for the rows that are chosen in it. */
export function columns(all: Region[], rows: number[]): Region[][] {
  const cities = all[rows[0] ?? 0]?.[2] ?? []
  const city = cities[rows[1] ?? 0]
  return [all, cities, city?.[2]?.length ? city[2] : city ? [[city[0], city[1]]] : []]
}

/** The rows of a district's six digits; the first ones when it isn't known. */
export function rowsOf(all: Region[], code: string): number[] {
  for (const [at, province] of all.entries())
    for (const [below, city] of (province[2] ?? []).entries()) {
      if (city[0] === code) return [at, below, 0]
      const found = (city[2] ?? []).findIndex((one) => one[0] === code)
      if (found >= 0) return [at, below, found]
    }
  return [0, 0, 0]
}
