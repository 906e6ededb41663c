/** Scanning a code from within the app; only in WeChat, whose camera it is. */
import { t } from '@/texts'
import { go } from '@/use/page'
import { toast } from '@/use/say'

/** Return the page that a scanned code leads to, empty for none of ours: a mini-program code's path, a short link, a code
 * that a browser shows to be confirmed. */
export function pageOf(path: string, text: string): string {
  if (/^\/?(pages|order|member|marketing|promoter|board)\//.test(path)) return path.startsWith('/') ? path : `/${path}`
  const asked = scanTicketOf(text)
  if (asked) return `/pages/scan/index?ticket=${asked}`
  const short = /\/[sl]\/([0-9A-Za-z]{4,40})(?:[?#]|$)/.exec(text)
  return short ? `/pages/product/product?c=${short[1]}` : ''
}

/** Return the ticket in the address of a code that a browser shows to be confirmed, empty for another address. */
export const scanTicketOf = (text: string): string => /\/scan\/([0-9A-Za-z]{24})(?:[?#]|$)/.exec(text)?.[1] ?? ''

/** Scan, and go where the code leads. Who changes their mind stays. */
export async function scanCode(): Promise<void> {
  // #ifdef MP-WEIXIN
  const seen = await uni.scanCode({}).catch(() => null)
  if (!seen) return
  const page = pageOf((seen as { path?: string }).path ?? '', seen.result ?? '')
  if (page) go(page)
  else toast(t('signin.scanUnknown'))
  // #endif
}
