/** Words that were searched for on this phone, the last first. */
import { ref } from 'vue'

const STORE = 'searched'
const MOST = 12

export const searched = ref((uni.getStorageSync(STORE) || []) as string[])

export function remember(words: string): void {
  searched.value = [words, ...searched.value.filter((one) => one !== words)].slice(0, MOST)
  uni.setStorageSync(STORE, searched.value)
}

export function forgetSearches(): void {
  searched.value = []
  uni.removeStorageSync(STORE)
}
