/** What the app says, in both languages: each text stands once, as a pair of Chinese and English. */
import { ref } from 'vue'
import { bargain } from './bargain'
import { board } from './board'
import { cart } from './cart'
import { common } from './common'
import { joining } from './joining'
import { me } from './me'
import { member } from './member'
import { message } from './message'
import { order } from './order'
import { packet } from './packet'
import { points } from './points'
import { promoter } from './promoter'
import { reaching } from './reaching'
import { refund } from './refund'
import { review } from './review'
import { shop } from './shop'
import { signin } from './signin'

export type Language = 'zh' | 'en'
export type Pair = readonly [zh: string, en: string]
export type Texts = Record<string, Pair>

const all = { bargain, board, cart, common, joining, me, member, message, order, packet, points, promoter, reaching, refund, review, shop, signin }
type All = typeof all
export type Key = { [G in keyof All]: `${G}.${keyof All[G] & string}` }[keyof All]

const STORE = 'language'

function first(): Language {
  const chosen = uni.getStorageSync(STORE) as string
  return (chosen || uni.getLocale() || 'zh').toLowerCase().startsWith('en') ? 'en' : 'zh'
}

export const language = ref<Language>(first())

/** Speak another language from now on. */
export function speak(chosen: Language): void {
  language.value = chosen
  uni.setStorageSync(STORE, chosen)
}

/** Return a text; `{names}` in it are filled. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const [group, name] = key.split('.') as [keyof All, string]
  const pair = (all[group] as Texts)[name]
  const text = pair ? pair[language.value === 'zh' ? 0 : 1] : key
  return text.replace(/\{(\w+)\}/g, (_, hole: string) => String(values[hole] ?? ''))
}
