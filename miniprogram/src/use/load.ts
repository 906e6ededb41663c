/** What a page shows: asked for, waited for, failed, asked for again. */
import { onLoad, onPullDownRefresh } from '@dcloudio/uni-app'
import { reactive, shallowReactive } from 'vue'
import { type Failure, failureOf } from '@/api/failure'

export interface Loaded<T> {
  data: T | null
  error: Failure | null
  busy: boolean
  load: () => Promise<void>
}

/**
 * Hold what `ask` answers. `data` stays while it is asked for again, so a dead network takes nothing from the screen.
 * An answer that was overtaken by a later question is dropped.
 */
export function useLoad<T>(ask: () => Promise<T>): Loaded<T> {
  let turn = 0
  const held: Loaded<T> = shallowReactive({
    data: null as T | null,
    error: null as Failure | null,
    busy: false,
    async load() {
      const mine = ++turn
      held.busy = true
      try {
        const found = await ask()
        if (mine !== turn) return
        held.data = found
        held.error = null
      } catch (problem) {
        if (mine === turn) held.error = failureOf(problem)
      } finally {
        if (mine === turn) held.busy = false
        uni.stopPullDownRefresh()
      }
    },
  })
  return held
}

export interface Page<T> {
  items: T[]
  next: string
}

export interface Listed<T> {
  items: T[]
  next: string
  error: Failure | null
  busy: boolean
  first: boolean
  load: () => Promise<void>
  more: () => Promise<void>
}

/** Hold a list that comes in pages; `ask` gets the `next` of the page before, empty at the start. */
export function useList<T>(ask: (after: string) => Promise<Page<T>>): Listed<T> {
  let turn = 0
  const held = reactive({
    items: [] as T[],
    next: '',
    error: null as Failure | null,
    busy: false,
    first: true,
    load: () => page(''),
    more: () => (held.busy || !held.next ? Promise.resolve() : page(held.next)),
  }) as Listed<T>
  async function page(after: string): Promise<void> {
    const mine = ++turn
    held.busy = true
    try {
      const found = await ask(after)
      if (mine !== turn) return
      held.items = after ? [...held.items, ...found.items] : found.items
      held.next = found.next
      held.error = null
      held.first = false
    } catch (problem) {
      if (mine === turn) held.error = failureOf(problem)
    } finally {
      if (mine === turn) held.busy = false
      uni.stopPullDownRefresh()
    }
  }
  return held
}

/** Load at the start, with the page's own question, and again when it is pulled down. */
export function startWith(load: (options: Record<string, string>) => unknown): void {
  let asked: Record<string, string> = {}
  onLoad((options) => {
    asked = (options ?? {}) as Record<string, string>
    void load(asked)
  })
  onPullDownRefresh(() => void load(asked))
}
