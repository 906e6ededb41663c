// Boots the built package as WeChat would: its own compiled templates in miniprogram-simulate, wx.request over HTTP.
// `node wechat.mjs <package> <server> <sandbox> <query> <node_modules>` walks from a product, opened with
// that query, to a paid order, and prints the calls that were made.
import { createRequire } from 'node:module'
import path from 'node:path'

const [root, server, sandbox, query, modules] = process.argv.slice(2)
let openid
let payment
const require = createRequire(path.join(modules, 'index.js'))
const { JSDOM } = require('jsdom')
const dom = new JSDOM('<!doctype html><body><div id="root"></div></body>', { pretendToBeVisual: true, url: 'http://localhost/' })
const NAMES = ['window', 'document', 'HTMLElement', 'Element', 'Node', 'Event', 'CustomEvent', 'TouchEvent', 'MutationObserver', 'getComputedStyle', 'requestAnimationFrame']
for (const name of NAMES) globalThis[name] = dom.window[name] ?? globalThis[name]
Object.defineProperty(globalThis, 'navigator', { value: dom.window.navigator, configurable: true })
const simulate = require('miniprogram-simulate')

const kept = new Map()
const pages = []
const calls = []
const failures = []
const moved = []
const control = (verb, body) =>
  fetch(`${sandbox}/sandbox/control/${verb}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).then((answer) => answer.json())
const done = (given, value) => {
  given?.success?.(value)
  given?.complete?.(value)
}
function request(given) {
  const method = (given.method ?? 'GET').toUpperCase()
  const body = method === 'GET' || given.data === undefined ? undefined : JSON.stringify(given.data)
  const url = given.url.replace(/^http:\/\/127\.0\.0\.1:8000/, server)
  fetch(url, { method, body, headers: { 'Content-Type': 'application/json', ...given.header } })
    .then(async (answer) => {
      const text = await answer.text()
      calls.push(`${method} ${new URL(url).pathname} ${answer.status}`)
      if (answer.status >= 400) failures.push(`${method} ${url} ${answer.status} ${text}`)
      const data = text ? JSON.parse(text) : ''
      payment = data?.payment_no ?? payment
      done(given, { statusCode: answer.status, data, header: {} })
    })
    .catch((problem) => given.fail?.({ errMsg: String(problem) }))
  return { abort() {} }
}
const screen = { pixelRatio: 2, windowWidth: 390, windowHeight: 844, screenWidth: 390, statusBarHeight: 20, screenTop: 0, platform: 'devtools', SDKVersion: '3.5.0', language: 'zh_CN', system: 'iOS 16', hostName: 'WeChat' }
Object.assign(globalThis.wx, {
  request,
  login: (given) => control('login_code', { openid }).then(({ code }) => done(given, { code })),
  requestPayment: (given) => control('pay', { out_trade_no: payment, openid }).then((answer) => done(given, answer)),
  getStorageSync: (name) => kept.get(name) ?? '',
  setStorageSync: (name, value) => kept.set(name, structuredClone(value)),
  removeStorageSync: (name) => kept.delete(name),
  getSystemInfoSync: () => screen, getWindowInfo: () => screen, getDeviceInfo: () => screen, getAppBaseInfo: () => screen,
  canIUse: () => true, getLaunchOptionsSync: () => ({ path: '', query: {}, scene: 1047 }), getEnterOptionsSync: () => ({ path: '', query: {}, scene: 1047 }),
  getNetworkType: (given) => done(given, { networkType: 'wifi' }), onNetworkStatusChange() {}, onAppShow() {}, onAppHide() {}, onThemeChange() {}, onWindowResize() {},
  getAccountInfoSync: () => ({ miniProgram: { appId: 'x' } }), stopPullDownRefresh() {}, setNavigationBarTitle() {}, setTabBarItem() {},
  showToast: (given) => moved.push(`toast ${given.title}`), showModal: (given) => done(given, { confirm: true }),
  navigateTo: (given) => moved.push(given.url), redirectTo: (given) => moved.push(given.url), switchTab: (given) => moved.push(given.url), navigateBack: () => moved.push('back'),
})
let app
globalThis.App = (given) => (app = { ...given })
globalThis.getApp = () => app
globalThis.getCurrentPages = () => pages
globalThis.Page = (given) => globalThis.Component({ methods: given })
process.on('unhandledRejection', (problem) => failures.push(`unhandled ${problem?.stack ?? problem}`))

require(path.join(root, 'app.js'))
app.onLaunch?.call(app, { path: '', query: {}, scene: 1047 })

async function open(url) {
  const [route, query = ''] = url.replace(/^\//, '').split('?')
  const options = Object.fromEntries(new URLSearchParams(query))
  const host = document.createElement('div')
  document.getElementById('root').appendChild(host)
  const id = simulate.load(path.join(root, route), route.replace(/\//g, '-'), { rootPath: root, compiler: 'official' })
  const component = simulate.render(id, {})
  pages.push(Object.assign(component.instance, { route, options }))
  component.attach(host)
  component.instance.onLoad?.(options)
  component.instance.onShow?.()
  component.instance.onReady?.()
  return { host, component, url }
}
async function until(what, test) {
  for (let n = 0; n < 150; n += 1) {
    const found = test()
    if (found) return found
    await simulate.sleep(100)
  }
  throw new Error(`waited for ${what}; calls ${JSON.stringify(calls.slice(-6))} moved ${JSON.stringify(moved)} failures ${JSON.stringify(failures)} page ${document.body.textContent.replace(/\s+/g, ' ').slice(-500)}`)
}
/** Tap the last element that says exactly this. */
function tap(page, text) {
  const all = [...page.host.querySelectorAll('*')].filter((one) => one.textContent.trim() === text)
  const target = all.at(-1)
  if (!target) throw new Error(`nothing says ${text}: ${page.host.textContent.replace(/\s+/g, ' ').slice(0, 400)}`)
  const finger = { identifier: 1, clientX: 1, clientY: 1, pageX: 1, pageY: 1 }
  for (const [name, touches] of [['touchstart', [finger]], ['touchend', []]]) {
    target.dispatchEvent(Object.assign(new dom.window.Event(name, { bubbles: true }), { touches, changedTouches: [finger] }))
  }
}
const says = (page, text) => () => page.host.textContent.includes(text)
const next = (start) => until(start, () => moved.find((one) => one.startsWith(start)))
const walked = (name) => calls.filter((one) => one.includes(name)).length

async function follow(start) {
  const url = await next(start)
  moved.splice(0)
  return open(url)
}
/** The person's address, given on another device. */
async function giveAddress() {
  const answer = await fetch(`${server}/api/storefront/addresses`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${kept.get('session').token}`, 'Idempotency-Key': `address-${openid}` },
    body: JSON.stringify({ name: '王小明', phone: '13800138000', region_code: '110101', detail: '人民路 1 号', is_default: true }),
  })
  if (answer.status >= 300) throw new Error(`address: ${answer.status} ${await answer.text()}`)
}

try {
  openid = (await control('login_code', {})).openid
  const product = await open(`/pages/product/product?${query}`)
  await until('the product', says(product, '加入购物车'))
  tap(product, '加入购物车')
  await until('the sheet', () => product.host.textContent.split('加入购物车').length === 3)
  tap(product, '加入购物车')

  const signin = await follow('/pages/signin/signin')
  await until('the way in', says(signin, '登录 / 注册'))
  tap(signin, '登录 / 注册')
  await until('the terms', says(signin, '隐私政策'))
  await simulate.sleep(500)
  tap(signin, '同意并继续')
  await until('the button', says(signin, '微信一键登录'))
  tap(signin, '微信一键登录')
  await until('the session', () => kept.get('session')?.token)
  await giveAddress()
  moved.splice(0)

  tap(product, '加入购物车')
  await until('the cart to hold it', () => walked('PUT /api/storefront/cart'))
  const cart = await open('/pages/cart/cart')
  await until('the cart', says(cart, '去结算（1）'))
  tap(cart, '去结算（1）')
  const checkout = await follow('/order/checkout/checkout')
  await until('the sum', says(checkout, '人民路 1 号'))
  tap(checkout, '提交订单')
  const result = await follow('/order/result/result')
  await until('the payment', says(result, '支付成功'))
  tap(result, '查看订单')
  const order = await follow('/order/detail/detail')
  await until('the order', says(order, '待发货'))
  console.log(JSON.stringify({ calls, failures }))
  process.exit(failures.length ? 1 : 0)
} catch (problem) {
  console.error(problem.stack)
  process.exit(2)
}
