/**
 * Idempotency keys of writes. A key belongs to what is sent: the same write with the same content keeps its key until
 * an answer has come, over restarts of the app too, so a double tap or a lost answer does a thing once. Other content to
 * the same place takes a new key.
 */
const STORE = 'keys'
const GOOD_MS = 24 * 3600 * 1000

interface Kept {
  content: string
  key: string
  at: number
}

const fresh = (): string =>
  Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('')

const kept = (): Record<string, Kept> => (uni.getStorageSync(STORE) || {}) as Record<string, Kept>

/** Return the key of a write to `place` with this content. */
export function keyFor(place: string, content: string): string {
  const all = kept()
  const known = all[place]
  if (known && known.content === content && Date.now() - known.at < GOOD_MS) return known.key
  const key = fresh()
  uni.setStorageSync(STORE, { ...all, [place]: { content, key, at: Date.now() } })
  return key
}

/** The write was answered, one way or the other: the next one is another. */
export function answered(place: string, key: string): void {
  const all = kept()
  if (all[place]?.key !== key) return
  delete all[place]
  uni.setStorageSync(STORE, all)
}
