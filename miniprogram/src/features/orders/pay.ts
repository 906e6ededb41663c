/** Paying a checkout. Whether it is paid the server says, never the phone. */
import { get, post, type Shapes } from '@/api/client'
import { t } from '@/texts'
import { replace } from '@/use/page'
import { toast } from '@/use/say'

export const checkoutOf = (no: string): Promise<Shapes['Checkout']> =>
  get('/api/storefront/checkouts/{no}', { path: { no } })

/** Open WeChat's payment, or in a browser the page where it is paid; then lead to what the server says. */
export async function pay(no: string): Promise<void> {
  // #ifdef MP-WEIXIN
  const made = await post('/api/storefront/checkouts/{no}/payment', { path: { no }, body: { mode: 'jsapi' } })
  const done = await requested((made.client ?? {}) as Record<string, string>)
  if (!done) return toast(t('order.payCancelled'))
  // #endif
  // #ifdef H5
  const prepared = await post('/api/storefront/checkouts/{no}/payment', { path: { no }, body: { mode: 'h5' } })
  if (prepared.h5_url) {
    const back = `${location.origin}/m/order/result/result?no=${no}`
    location.href = `${prepared.h5_url}&redirect_url=${encodeURIComponent(back)}`
    return
  }
  // #endif
  replace(`/order/result/result?no=${no}`)
}

function requested(given: Record<string, string>): Promise<boolean> {
  return new Promise((resolve) =>
    uni.requestPayment({
      ...(given as unknown as UniApp.RequestPaymentOptions),
      provider: 'wxpay',
      success: () => resolve(true),
      fail: () => resolve(false),
    }),
  )
}
