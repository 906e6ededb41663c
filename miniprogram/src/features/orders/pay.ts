/** Paying a checkout. Whether it is paid the server says, never the phone. */
import { get, post, type Shapes } from '@/api/client'
import { AFTER_PAYING, askMessages } from '@/features/messages/subscribe'
import { t } from '@/texts'
import { replace } from '@/use/page'
import { toast } from '@/use/say'
import { openCashier } from './cashier'

export const checkoutOf = (no: string): Promise<Shapes['Checkout']> =>
  get('/api/storefront/checkouts/{no}', { path: { no } })

/**
 * Open WeChat's payment, or in a browser the page where it is paid; then lead to what the server says. Not paid, or no way
 * to pay: to the checkout's own page, where it can be tried again until its time is over; never a second order.
 */
export async function pay(no: string): Promise<void> {
  const result = `/order/result/result?no=${no}`
  const came = await openCashier(async (asked) => {
    const made = await post('/api/storefront/checkouts/{no}/payment', { path: { no }, body: asked })
    if (made.h5_url) toPayPage(no) // where the browser's way back leads
    return made
  }, `/m${result}`)
  if (came === 'gone') return
  if (came === 'left') {
    toast(t('order.payCancelled'))
    return toPayPage(no)
  }
  void askMessages(AFTER_PAYING)
  replace(result)
}

/** Lead to the page of an unpaid checkout, unless it is the one that is shown. */
export function toPayPage(no: string): void {
  const here = getCurrentPages().at(-1) as { route?: string } | undefined
  if (here?.route !== 'order/pay/pay') replace(`/order/pay/pay?no=${no}`)
}
