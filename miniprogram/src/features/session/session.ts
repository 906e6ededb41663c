/** Who uses the app: a visitor with a random mark, or a member with a session. */
import { computed, reactive } from 'vue'
import { callAs, onSignedOut, post, remove, type Shapes } from '@/api/client'

const STORE = 'session'
const MARK = 'visitor'
const CONSENT = 'consent'

interface Held {
  token: string
  person: Shapes['Person'] | null
}

/** `consent`: the edition of the privacy terms that was agreed to on this phone, 0 for none. `hasPhone`: what the last
 * sign-in said of the person's phone number. */
export const session = reactive<Held & { consent: number; hasPhone: boolean }>({ token: '', person: null, consent: 0, hasPhone: true })
export const signedIn = computed(() => !!session.token)

/** Take up the session of the last time; once, at the start. */
export function resume(): void {
  const kept = uni.getStorageSync(STORE) as Held | ''
  if (kept) Object.assign(session, kept)
  session.consent = Number(uni.getStorageSync(CONSENT)) || 0
  callAs({ token: session.token, visitor: mark() })
  onSignedOut(again)
}

/** Remember which edition of the privacy terms the person agreed to. */
export function agree(edition: number): void {
  session.consent = edition
  uni.setStorageSync(CONSENT, edition)
}

/** Keep a new session. */
export function begin(made: Shapes['Session']): void {
  Object.assign(session, { token: made.token, person: made.person, hasPhone: made.has_phone })
  uni.setStorageSync(STORE, { token: made.token, person: made.person })
  callAs({ token: made.token })
}

/** Sign in by WeChat; only there. */
export async function byWechat(): Promise<void> {
  const { code } = await uni.login({ provider: 'weixin' })
  begin(await post('/api/storefront/sessions', { body: { code, consent: session.consent } }))
}

/** The person has another nickname now. */
export function called(nickname: string): void {
  if (!session.person) return
  session.person = { ...session.person, nickname }
  uni.setStorageSync(STORE, { token: session.token, person: session.person })
}

/** End the session here and at the server; without a network only here. */
export async function signOut(): Promise<void> {
  await remove('/api/storefront/sessions/current').catch(() => undefined)
  forget()
}

/** Lead to the sign-in page, once however often it is asked for. */
export function askSignIn(): void {
  const here = getCurrentPages().at(-1) as { route?: string } | undefined
  if (here?.route !== 'pages/signin/signin') uni.navigateTo({ url: '/pages/signin/signin' })
}

/** Drop the session on this phone alone. */
export function forget(): void {
  Object.assign(session, { token: '', person: null })
  uni.removeStorageSync(STORE)
  callAs({ token: '' })
}

/** The session is over: in WeChat whoever agreed before gets a new one unasked, unless the terms are others by now. */
async function again(): Promise<boolean> {
  forget()
  // #ifdef MP-WEIXIN
  if (session.consent) {
    return byWechat().then(
      () => true,
      () => false,
    )
  }
  // #endif
  return false
}

/** The visitor's mark. In a browser the page's own cookie says it. */
function mark(): string {
  // #ifdef H5
  return ''
  // #endif
  // #ifndef H5
  const kept = uni.getStorageSync(MARK) as string
  if (kept) return kept
  const made = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('')
  uni.setStorageSync(MARK, made)
  return made
  // #endif
}
