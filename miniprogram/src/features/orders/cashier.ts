/** WeChat's cashiers: its own in the mini-program and in its browser, a page of its own elsewhere. */
import type { Shapes } from '@/api/client'
import { start } from '@/features/start/start'

type Given = Record<string, string>
interface Bridge {
  invoke: (verb: string, given: Given, answer: (said: { err_msg: string }) => void) => void
}

/** How long the bridge of WeChat's browser may take to come. */
const BRIDGE_MS = 5000

/** What the server is asked to prepare: the cashier, and for WeChat's own the app in which the person is. */
export interface Asked {
  mode: 'jsapi' | 'h5'
  app: 'mini' | 'web'
}

/**
 * Let the server prepare the payment and open the cashier. `gone`: the browser left for it and comes back to `back`; `done`:
 * it went through there, which proves nothing yet; `left`: it didn't.
 */
export async function openCashier(
  prepare: (asked: Asked) => Promise<Shapes['Payment']>,
  back: string,
): Promise<'gone' | 'done' | 'left'> {
  // #ifdef MP-WEIXIN
  const made = await prepare({ mode: 'jsapi', app: 'mini' })
  return (await requested((made.client ?? {}) as Given)) ? 'done' : 'left'
  // #endif
  // #ifdef H5
  if (inWechat()) {
    const told = await prepare({ mode: 'jsapi', app: 'web' })
    return (await bridged((told.client ?? {}) as Given)) ? 'done' : 'left'
  }
  const prepared = await prepare({ mode: 'h5', app: 'web' })
  if (!prepared.h5_url) return 'done'
  location.href = `${prepared.h5_url}&redirect_url=${encodeURIComponent(location.origin + back)}`
  return 'gone'
  // #endif
}

/** Let the mini-program ask for the payment; true when it went through there. */
function requested(given: Given): Promise<boolean> {
  return new Promise((resolve) =>
    uni.requestPayment({
      ...(given as unknown as UniApp.RequestPaymentOptions),
      provider: 'wxpay',
      success: () => resolve(true),
      fail: () => resolve(false),
    }),
  )
}

// #ifdef H5
/** Whether this is a page in WeChat's browser, of a mall that people can sign in to there. */
function inWechat(): boolean {
  return /MicroMessenger/i.test(navigator.userAgent) && (start.data?.sign_in.wechat_page ?? false)
}

/** Let WeChat's browser ask for the payment, once its bridge is there; true when it went through there. */
function bridged(given: Given): Promise<boolean> {
  const bridge = () => (window as unknown as { WeixinJSBridge?: Bridge }).WeixinJSBridge
  return new Promise((resolve) => {
    let asked = false
    const ask = () => {
      asked = true
      bridge()?.invoke('getBrandWCPayRequest', given, (said) => resolve(said.err_msg === 'get_brand_wcpay_request:ok'))
    }
    if (bridge()) return ask()
    document.addEventListener('WeixinJSBridgeReady', ask, { once: true })
    setTimeout(() => {
      if (asked) return
      document.removeEventListener('WeixinJSBridgeReady', ask)
      resolve(false)
    }, BRIDGE_MS)
  })
}
// #endif
