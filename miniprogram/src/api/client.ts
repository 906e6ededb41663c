/** Calls of the storefront's API. Paths and shapes are those of its description (`schema.d.ts`), none is written by hand. */
import { api } from '@/config'
import { language, t } from '@/texts'
import { takeEarly } from './early'
import { Failure } from './failure'
import { answered, keyFor } from './keys'
import { network } from './network'
import type { components, paths } from './schema'

export type Shapes = components['schemas']
type Method = 'get' | 'post' | 'put' | 'delete'
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: object }> ? P : never
}[keyof paths]
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never
type Json<R> = R extends { content: { 'application/json': infer B } } ? B : undefined
type Responses<O> = O extends { responses: infer R } ? R : never
type Good<R> = 200 extends keyof R ? Json<R[200]> : 201 extends keyof R ? Json<R[201]> : undefined
export type Answer<P extends keyof paths, M extends Method> = Good<Responses<Operation<P, M>>>
type Part<O, K extends 'path' | 'query'> = O extends { parameters: infer Q } ? (K extends keyof Q ? Q[K] : undefined) : undefined
type BodyOf<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : undefined

export interface Wish<O> {
  path?: Part<O, 'path'>
  query?: Part<O, 'query'>
  body?: BodyOf<O>
  header?: Record<string, string>
}

type Got = Pick<UniApp.RequestSuccessCallbackResult, 'statusCode'> & { data: unknown }

const TIMEOUT_MS = 15_000
const seat = { token: '', visitor: '', party: '' }
let whenSignedOut: () => Promise<boolean> = () => Promise.resolve(false)

/** Say who calls from now on: the session's token, the visitor's mark, the party whose seat is taken. */
export function callAs(who: Partial<typeof seat>): void {
  Object.assign(seat, who)
}

/** Say what is done when a session has ended: true if there is a new one and the call can be made again. */
export function onSignedOut(again: () => Promise<boolean>): void {
  whenSignedOut = again
}

export const get = <P extends PathsWith<'get'>>(path: P, wish: Wish<Operation<P, 'get'>> = {}) =>
  call(path, 'get', wish) as Promise<Answer<P, 'get'>>
export const post = <P extends PathsWith<'post'>>(path: P, wish: Wish<Operation<P, 'post'>> = {}) =>
  call(path, 'post', wish) as Promise<Answer<P, 'post'>>
export const put = <P extends PathsWith<'put'>>(path: P, wish: Wish<Operation<P, 'put'>> = {}) =>
  call(path, 'put', wish) as Promise<Answer<P, 'put'>>
export const remove = <P extends PathsWith<'delete'>>(path: P, wish: Wish<Operation<P, 'delete'>> = {}) =>
  call(path, 'delete', wish) as Promise<Answer<P, 'delete'>>

/** Return the headers of every call. */
export function headers(): Record<string, string> {
  const found: Record<string, string> = { 'Accept-Language': language.value === 'zh' ? 'zh-CN' : 'en' }
  if (seat.token) found.Authorization = `Bearer ${seat.token}`
  if (seat.visitor) found['Tuike-Visitor'] = seat.visitor
  if (seat.party) found['Tuike-Party'] = seat.party
  return found
}

/** Return an address with its numbers filled in and its question appended. */
export function address(path: string, numbers: object = {}, question: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((numbers as Record<string, unknown>)[name] ?? '')),
  )
  const asked = Object.entries(question).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined && one !== null && one !== '')
      .map((one) => `${name}=${encodeURIComponent(String(one))}`),
  )
  return api + filled + (asked.length ? `?${asked.join('&')}` : '')
}

async function call(path: string, method: Method, wish: Wish<unknown>, again = true): Promise<unknown> {
  const url = address(path, Object(wish.path), Object(wish.query))
  const place = `${method} ${url}`
  const key = method === 'get' ? '' : keyFor(place, JSON.stringify(wish.body ?? null))
  const answer = (method === 'get' && (await early(url, wish))) || (await sent(url, method, wish, key))
  if (key && answer.statusCode < 500) answered(place, key)
  if (answer.statusCode === 401 && seat.token) {
    callAs({ token: '' })
    if (again && (await whenSignedOut())) return call(path, method, wish, false)
  }
  if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.data || undefined
  throw refusal(answer.statusCode, answer.data)
}

/** Return what was already asked for before this program stood; nothing if it wasn't, or if no answer came. */
async function early(url: string, wish: Wish<unknown>): Promise<Got | undefined> {
  return wish.header ? undefined : takeEarly(url, headers())?.catch(() => undefined)
}

function sent(url: string, method: Method, wish: Wish<unknown>, key: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    uni.request({
      url,
      method: method.toUpperCase() as 'GET',
      data: wish.body as unknown as object,
      timeout: TIMEOUT_MS,
      header: { ...headers(), ...wish.header, ...(key ? { 'Idempotency-Key': key } : {}) },
      success: (answer) => {
        network.lost = false
        resolve(answer)
      },
      fail: ({ errMsg }) => {
        const late = /timeout/i.test(errMsg ?? '')
        network.lost = !late
        reject(new Failure(late ? 'timeout' : 'network', late ? t('common.timeout') : t('common.offline')))
      },
    })
  })
}

/** Return a refused call as a failure. */
export function refusal(status: number, data: unknown): Failure {
  const said = (typeof data === 'object' && data ? data : {}) as { code?: string; message?: string }
  const why = status === 401 ? 'signin' : status >= 500 ? 'server' : 'refused'
  return new Failure(why, said.message || t(why === 'signin' ? 'common.signInFirst' : 'common.failed'), said.code, status, {
    ...said,
  })
}
