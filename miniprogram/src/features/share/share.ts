/** Handing a page of the app on to somebody else. */
import { copy } from '@/use/say'

/** In a browser: the phone's own way to share where it has one, else the address on the clipboard. */
export async function shareAddress(path: string, title: string): Promise<void> {
  // #ifdef H5
  const url = `${location.origin}/m${path}`
  if (navigator.share) {
    const told = await navigator.share({ title, url }).then(
      () => true,
      (problem: { name?: string }) => problem?.name === 'AbortError',
    )
    if (told) return
  }
  copy(url)
  // #endif
}
