/** Ways to sign in in a browser: WeChat's page inside WeChat, a code that the phone confirms, phone and password. */
import { get, post, type Shapes } from '@/api/client'
import { failureOf } from '@/api/failure'
import { toast } from '@/use/say'
import { wantsPhone } from './phone'
import { begin, session } from './session'

const SECRET = 'browser'
const WHERE = 'before-sign-in'

/** The browser's own secret: only it can end the sign-in that it began. */
function asBrowser(): { 'Tuike-Browser': string } {
  let secret = uni.getStorageSync(SECRET) as string
  if (!secret) {
    secret = Array.from(crypto.getRandomValues(new Uint8Array(24)), (one) => one.toString(16).padStart(2, '0')).join('')
    uni.setStorageSync(SECRET, secret)
  }
  return { 'Tuike-Browser': secret }
}

/** Go to WeChat's page, which comes back to the app. */
export async function toWechat(): Promise<void> {
  const { address } = await get('/api/storefront/sessions/web', { header: asBrowser() })
  uni.setStorageSync(WHERE, location.pathname + location.search)
  location.href = address
}

/** Coming back from WeChat's page: open the session and go on where the person was. */
export async function comeBack(): Promise<void> {
  // #ifdef H5
  const words = new URLSearchParams(location.search)
  const [code, state] = [words.get('code'), words.get('state')]
  if (!code || !state) return
  try {
    const body = { code, state, consent: session.consent }
    begin(await post('/api/storefront/sessions/web', { header: asBrowser(), body }))
    location.replace(wantsPhone() ? '/m/pages/signin/signin' : (uni.getStorageSync(WHERE) as string) || '/m/')
  } catch (problem) {
    toast(failureOf(problem).message)
  }
  // #endif
}

/** Sign in by phone and password, with the second factor's code where there is one. */
export async function byPassword(phone: string, password: string, code: string): Promise<void> {
  begin(await post('/api/storefront/sessions/password', { body: { phone, password, code, consent: session.consent } }))
}

/** Open a code to be confirmed in the mini-program. */
export const askScan = (): Promise<Shapes['SignInScan']> =>
  post('/api/storefront/sessions/scans', { header: asBrowser() })

/** Look whether the code was confirmed; then the session is there. Returns where the code stands. */
export async function scanStands(ticket: string): Promise<string> {
  const found = await post('/api/storefront/sessions/scans/{ticket}', {
    path: { ticket },
    header: asBrowser(),
    body: { consent: session.consent },
  })
  if (found.session) begin(found.session)
  return found.state
}

/** Return a code to scan as a picture. */
export async function qr(text: string): Promise<string> {
  const { default: draw } = await import('qrcode-generator')
  const made = draw(0, 'M')
  made.addData(text)
  made.make()
  return made.createDataURL(6, 12)
}
