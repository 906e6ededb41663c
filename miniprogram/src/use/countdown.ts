/** Time left until an instant, ticking. */
import { onUnload } from '@dcloudio/uni-app'
import { computed, onUnmounted, ref, type Ref } from 'vue'

const two = (n: number): string => String(n).padStart(2, '0')

/** Return the whole seconds left (never below 0) and how they are written. */
export function useCountdown(until: () => string | null | undefined): { seconds: Ref<number>; text: Ref<string> } {
  const now = ref(Date.now())
  const tick = setInterval(() => (now.value = Date.now()), 1000)
  const stop = () => clearInterval(tick)
  onUnmounted(stop)
  onUnload(stop)
  const seconds = computed(() => {
    const end = until()
    return end ? Math.max(0, Math.floor((new Date(end).getTime() - now.value) / 1000)) : 0
  })
  const text = computed(() => {
    const [h, m, s] = [Math.floor(seconds.value / 3600), Math.floor(seconds.value / 60) % 60, seconds.value % 60]
    return h ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`
  })
  return { seconds, text }
}
