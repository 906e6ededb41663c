/** Shows what is long a few at a time, so that a slow phone answers a tap while the rest is still being drawn. */
import { onUnmounted, ref, watch, type Ref } from 'vue'

const PAUSE_MS = 16

/** Return how many of `length()` things to show: `first` at once, `step` more after each pause, until all are. */
export function inTurns(length: () => number, first: number, step: number): Ref<number> {
  const shown = ref(first)
  let turn: ReturnType<typeof setTimeout> | undefined
  function more(): void {
    turn = undefined
    if (shown.value >= length()) return
    shown.value += step
    wait()
  }
  function wait(): void {
    turn ??= setTimeout(more, PAUSE_MS)
  }
  watch(length, wait)
  onUnmounted(() => clearTimeout(turn))
  return shown
}
