/** Paying a checkout. Whether it is paid the server says, never the phone. */
import { get, post, type Shapes } from '@/api/client'
import { t } from '@/texts'
import { replace } from '@/use/page'
import { toast } from '@/use/say'

export const checkoutOf = (no: string): Promise<Shapes['Checkout']> =>
  get('/api/storefront/checkouts/{no}', { path: { no } })

/**
 * Open WeChat's payment, or in a browser the page where it is paid; then lead to what the server says. Not paid, or no way
 * to pay: to the checkout's own page, where it can be tried again until its time is over; never a second order.
 */
export async function pay(no: string): Promise<void> {
  // #ifdef MP-WEIXIN
  const made = await post('/api/storefront/checkouts/{no}/payment', { path: { no }, body: { mode: 'jsapi' } })
  const done = await requested((made.client ?? {}) as Record<string, string>)
  if (!done) {
    toast(t('order.payCancelled'))
    return toPayPage(no)
  }
  // #endif
  // #ifdef H5
  const prepared = await post('/api/storefront/checkouts/{no}/payment', { path: { no }, body: { mode: 'h5' } })
  if (prepared.h5_url) {
    const back = `${location.origin}/m/order/result/result?no=${no}`
    toPayPage(no) // where the browser's way back leads
    location.href = `${prepared.h5_url}&redirect_url=${encodeURIComponent(back)}`
    return
  }
  // #endif
  replace(`/order/result/result?no=${no}`)
}

/** Lead to the page of an unpaid checkout, unless it is the one that is shown. */
export function toPayPage(no: string): void {
  const here = getCurrentPages().at(-1) as { route?: string } | undefined
  if (here?.route !== 'order/pay/pay') replace(`/order/pay/pay?no=${no}`)
}

/** Let WeChat ask for the payment; true when it went through there, which proves nothing yet. */
export function requested(given: Record<string, string>): Promise<boolean> {
  return new Promise((resolve) =>
    uni.requestPayment({
      ...(given as unknown as UniApp.RequestPaymentOptions),
      provider: 'wxpay',
      success: () => resolve(true),
      fail: () => resolve(false),
    }),
  )
}
