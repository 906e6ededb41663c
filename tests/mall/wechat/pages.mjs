// The app as it was built, on that phone: its pages in a stack, and what a person does on them.
import path from 'node:path'
import { createRequire } from 'node:module'
import { asked, calls, control, dom, exparser, failures, holder, kept, moved, said, simulate, words } from './phone.mjs'

const stack = []
let app
globalThis.App = (made) => (app = { ...made })
globalThis.getApp = () => app
globalThis.getCurrentPages = () => stack.map((one) => one.component.instance)
globalThis.Page = (made) => globalThis.Component({ methods: made })
createRequire(import.meta.url)(path.join(words.package, 'app.js'))
app.onLaunch?.call(app, { path: '', query: {}, scene: 1047 })

/** Open a page on top of the others. */
export async function open(url) {
  stack.at(-1)?.component.instance.onHide?.()
  const [route, query = ''] = url.replace(/^\//, '').split('?')
  const options = Object.fromEntries(new URLSearchParams(query))
  const host = document.createElement('div')
  document.getElementById('root').appendChild(host)
  const id = simulate.load(path.join(words.package, route), route.replace(/\//g, '-'), { rootPath: words.package, compiler: 'official' })
  const component = simulate.render(id, {})
  const page = { host, component, url }
  Object.assign(component.instance, { route, options })
  stack.push(page)
  component.attach(host)
  component.instance.onLoad?.(options)
  component.instance.onShow?.()
  component.instance.onReady?.()
  return page
}
function close() {
  const page = stack.pop()
  page.component.instance.onUnload?.()
  page.component.detach()
  page.host.remove()
}
export async function until(what, test) {
  for (let n = 0; n < 200; n += 1) {
    const found = await test()
    if (found) return found
    await simulate.sleep(100)
  }
  const page = document.body.textContent.replace(/\s+/g, ' ').slice(-600)
  throw new Error(`waited for ${what}; ${JSON.stringify({ calls: calls.slice(-6), moved, said, failures, page })}`)
}
/** Wait until the app leads to a page that begins so, and be there. */
export async function follow(start) {
  const { kind, url } = await until(start, () => moved.find((one) => one.url.startsWith(start)))
  moved.splice(0)
  if (kind === 'instead') close()
  while (kind === 'tab' && stack.length) close()
  return open(url)
}
/** Wait until the app goes back (or go back by the phone's own button), and be on the page below. */
export async function back(by) {
  if (by !== 'phone') await until('going back', () => moved.find((one) => one.kind === 'back'))
  moved.splice(0)
  close()
  stack.at(-1)?.component.instance.onShow?.()
  return stack.at(-1)
}

const elements = (page) => [...page.host.querySelectorAll('*')].filter((one) => one.__wxElement)
const attribute = (element, name) => {
  const written = name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())
  return element.__wxElement._vt?.attrs.find((one) => one.name === written)?.value
}
const content = (page) => page.host.textContent.replace(/\s+/g, ' ')
/** Return whether the page says this, as a test. */
export const says = (page, text) => () => page.host.textContent.includes(text)
export const walked = (name) => calls.filter((one) => one.includes(name)).length
/** Return the elements with this attribute. */
export const having = (page, name, value) => elements(page).filter((one) => attribute(one, name) === value)
/** Return what an element has as a picture's address. */
export const sources = (page) => elements(page).map((one) => attribute(one, 'src')).filter(Boolean)
/** Return the last element that says exactly this, or is labelled so. */
export function named(page, text) {
  const found = elements(page).filter((one) => one.textContent.trim() === text).at(-1) ?? having(page, 'aria-label', text).at(-1)
  if (!found) throw new Error(`nothing says ${text}: ${content(page).slice(0, 500)}`)
  return found
}
export function tap(page, text) {
  const target = typeof text === 'string' ? named(page, text) : text
  const finger = { identifier: 1, clientX: 1, clientY: 1, pageX: 1, pageY: 1 }
  for (const [name, touches] of [['touchstart', [finger]], ['touchend', []]]) {
    target.dispatchEvent(Object.assign(new dom.window.Event(name, { bubbles: true }), { touches, changedTouches: [finger] }))
  }
}
/** Let WeChat's own part say something: a field its text, a button of its own what came of it. */
export function fire(element, name, detail) {
  const options = { bubbles: true, capturePhase: true, composed: true, extraFields: { touches: {}, changedTouches: {} } }
  exparser.Event.dispatchEvent(element.__wxElement, exparser.Event.create(name, detail, options))
}
/** Type into the field with this placeholder. */
export async function type(page, placeholder, value) {
  const [field] = having(page, 'placeholder', placeholder)
  if (!field) throw new Error(`no field says ${placeholder}: ${content(page).slice(0, 500)}`)
  fire(field, 'input', { value })
  await simulate.sleep(50)
}
/** Return the card that WeChat would send: only where the page gives one. */
export const card = (page, from = 'button') => page.component.instance.onShareAppMessage({ from })
/** Return whether a button of WeChat's own kind is on the page. */
export const button = (page, kind) => having(page, 'open-type', kind).at(-1)

/** Agree to the terms and sign in by WeChat on the sign-in page; the page below is there again. */
export async function signIn() {
  holder.openid ||= (await control('login_code', {})).openid
  const signin = await follow('/pages/signin/signin')
  await until('the way in', says(signin, '登录 / 注册'))
  tap(signin, '登录 / 注册')
  await until('the terms', says(signin, '隐私政策'))
  await until('what they say', () => walked('GET /api/storefront/policies 200'))
  await simulate.sleep(300)
  tap(signin, '同意并继续')
  await until('the button', says(signin, '微信一键登录'))
  tap(signin, '微信一键登录')
  await until('the session', () => kept.get('session')?.token)
  return back()
}
/** Walk, and print what happened; a call that was refused is a failure, unless it begins with one of `expected`. */
export async function walk(steps, expected = []) {
  try {
    const found = (await steps()) ?? {}
    const wrong = failures.filter((one) => !expected.some((start) => one.startsWith(start)))
    console.log(JSON.stringify({ calls, failures: wrong, asked, said, album: holder.album, clipboard: holder.clipboard, ...found }))
    process.exit(wrong.length ? 1 : 0)
  } catch (problem) {
    process.stderr.write(`${problem.stack}\n`)
    process.exit(2)
  }
}
