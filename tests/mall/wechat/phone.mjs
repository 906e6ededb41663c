// A phone with WeChat as far as the mini-program sees it: its `wx`, whose server is the product and whose WeChat is the
// sandbox. Each call of `wx` that asks the person something is kept in `asked`, and answered as the walk said beforehand.
// A walk is run as `node walk.mjs <words>`, the words being JSON: package, modules, server, sandbox, and the walk's own.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'

export const words = JSON.parse(process.argv[2])
const require = createRequire(path.join(words.modules, 'index.js'))
const { JSDOM } = require('jsdom')
export const dom = new JSDOM('<!doctype html><body><div id="root"></div></body>', { pretendToBeVisual: true, url: 'http://localhost/' })
const NAMES = ['window', 'document', 'HTMLElement', 'Element', 'Node', 'Event', 'CustomEvent', 'TouchEvent', 'MutationObserver', 'getComputedStyle', 'requestAnimationFrame']
for (const name of NAMES) globalThis[name] = dom.window[name] ?? globalThis[name]
Object.defineProperty(globalThis, 'navigator', { value: dom.window.navigator, configurable: true })
export const simulate = require('miniprogram-simulate')
export const exparser = require('miniprogram-exparser')

export const kept = new Map()
export const asked = []
export const calls = []
export const failures = []
export const moved = []
export const said = []
const refusals = {}
const app_json = JSON.parse(readFileSync(path.join(words.package, 'app.json'), 'utf8'))
const folder = mkdtempSync(path.join(tmpdir(), 'wechat-'))
/** What the person holds: who they are to WeChat, what is on the clipboard, in the album, before the camera. */
export const holder = { openid: words.openid ?? '', clipboard: '', album: [], camera: null, addresses: [], subscribe: {} }
const last = { payment: null, withdrawal: '' }

export const control = (verb, body) =>
  fetch(`${words.sandbox}/sandbox/control/${verb}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).then((answer) => answer.json())
/** Let the next call of this name fail with these words, as WeChat says them. */
export const refuse = (name, errMsg) => (refusals[name] ??= []).push(errMsg)
/** What a call of this name was given, each time. */
export const given = (name) => asked.filter((one) => one.name === name).map((one) => one.given)

const done = (wish, value) => {
  wish?.success?.(value)
  wish?.complete?.(value)
}
const failed = (wish, errMsg) => {
  wish?.fail?.({ errMsg })
  wish?.complete?.({ errMsg })
}
/** A call that WeChat puts before the person: kept, refused where the walk said so, else answered by `act`. */
const person = (name, act) => [name, (wish = {}) => {
  const plain = Object.fromEntries(Object.entries(wish).filter(([, value]) => typeof value !== 'function'))
  asked.push({ name, given: plain })
  const errMsg = refusals[name]?.shift()
  if (errMsg) return void setTimeout(() => failed(wish, `${name}:${errMsg}`))
  void Promise.resolve().then(() => act(plain)).then((value) => done(wish, { errMsg: `${name}:ok`, ...value }), (problem) => failed(wish, `${name}:fail ${problem.message}`))
}]
const here = (url) => url.replace(/^http:\/\/127\.0\.0\.1:8000/, words.server)

function request(wish) {
  const method = (wish.method ?? 'GET').toUpperCase()
  const body = method === 'GET' || wish.data === undefined ? undefined : JSON.stringify(wish.data)
  const url = here(wish.url)
  last.withdrawal = /withdrawals\/(\w+)\/confirmation/.exec(url)?.[1] ?? last.withdrawal
  fetch(url, { method, body, headers: { 'Content-Type': 'application/json', ...wish.header } })
    .then(async (answer) => {
      const text = await answer.text()
      calls.push(`${method} ${new URL(url).pathname} ${answer.status}`)
      if (answer.status >= 400) failures.push(`${method} ${url} ${answer.status} ${text}`)
      const data = text ? JSON.parse(text) : ''
      if (data?.payment_no) last.payment = data
      done(wish, { statusCode: answer.status, data, header: {} })
    })
    .catch((problem) => wish.fail?.({ errMsg: String(problem) }))
  return { abort() {} }
}
function downloadFile(wish) {
  const url = here(wish.url)
  fetch(url, { headers: wish.header })
    .then(async (answer) => {
      calls.push(`GET ${new URL(url).pathname} ${answer.status}`)
      if (answer.status >= 400) failures.push(`GET ${url} ${answer.status}`)
      const file = path.join(folder, `${calls.length}.${answer.headers.get('content-type') === 'image/png' ? 'png' : 'jpg'}`)
      writeFileSync(file, Buffer.from(await answer.arrayBuffer()))
      done(wish, { statusCode: answer.status, tempFilePath: file })
    })
    .catch((problem) => failed(wish, `downloadFile:fail ${problem}`))
  return { abort() {}, onProgressUpdate() {} }
}

/** WeChat's cashier takes what the server prepared for this person and nothing else. */
async function requestPayment(wish) {
  const { payment_no, client } = last.payment
  for (const name of ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign']) {
    if (!wish[name] || wish[name] !== client[name]) throw new Error(`${name} isn't the server's`)
  }
  const answer = await control('pay', { out_trade_no: payment_no, openid: holder.openid })
  if (answer.error) throw new Error(answer.error)
}
async function requestMerchantTransfer({ mchId, appId, package: sealed }) {
  if (!mchId || !appId || !sealed) throw new Error('parameter error')
  const answer = await control('transfer', { out_bill_no: last.withdrawal, action: 'confirm' })
  if (answer.error) throw new Error(answer.error)
}
function saveImageToPhotosAlbum({ filePath }) {
  const bytes = readFileSync(filePath)
  holder.album.push({ file: filePath, sha: createHash('sha256').update(bytes).digest('hex') })
}
/** WeChat refuses what has to do with places and isn't declared in app.json. */
function chooseAddress() {
  if (!app_json.requiredPrivateInfos?.includes('chooseAddress')) throw new Error('the api need to be declared in the requiredPrivateInfos field in app.json/ext.json')
  return holder.addresses.at(-1)
}
function scanCode() {
  if (!holder.camera) throw new Error('cancel')
  return holder.camera
}
const subscribe = ({ tmplIds }) => {
  if (tmplIds.length > 3) throw new Error('tmplIds over 3')
  return Object.fromEntries(tmplIds.map((id) => [id, holder.subscribe[id] ?? 'accept']))
}

const screen = { pixelRatio: 2, windowWidth: 390, windowHeight: 844, screenWidth: 390, statusBarHeight: 20, screenTop: 0, platform: 'devtools', SDKVersion: '3.5.0', language: 'zh_CN', system: 'iOS 16', hostName: 'WeChat' }
const start = { path: '', query: {}, scene: 1047 }
const way = (kind) => (wish) => moved.push({ kind, url: wish?.url ?? '' })
Object.assign(globalThis.wx, {
  request, downloadFile,
  login: (wish) => control('login_code', { openid: holder.openid }).then(({ code }) => done(wish, { code })),
  ...Object.fromEntries([
    person('requestPayment', requestPayment), person('requestMerchantTransfer', requestMerchantTransfer),
    person('saveImageToPhotosAlbum', saveImageToPhotosAlbum), person('openSetting', () => ({ authSetting: { 'scope.writePhotosAlbum': true } })),
    person('chooseAddress', chooseAddress), person('requestSubscribeMessage', subscribe), person('scanCode', scanCode),
    person('setClipboardData', ({ data }) => void (holder.clipboard = data)), person('showModal', () => ({ confirm: true, cancel: false })),
  ]),
  showToast: (wish) => {
    said.push(wish.title)
    done(wish, {})
  },
  getStorageSync: (name) => kept.get(name) ?? '',
  setStorageSync: (name, value) => kept.set(name, JSON.parse(JSON.stringify(value))),
  removeStorageSync: (name) => kept.delete(name),
  getSystemInfoSync: () => screen, getWindowInfo: () => screen, getDeviceInfo: () => screen, getAppBaseInfo: () => screen,
  canIUse: () => true, getLaunchOptionsSync: () => start, getEnterOptionsSync: () => start,
  getNetworkType: (wish) => done(wish, { networkType: 'wifi' }), onNetworkStatusChange() {}, onAppShow() {}, onAppHide() {}, onThemeChange() {}, onWindowResize() {},
  getAccountInfoSync: () => ({ miniProgram: { appId: 'x' } }), stopPullDownRefresh() {}, setNavigationBarTitle() {}, setTabBarItem() {},
  navigateTo: way('to'), redirectTo: way('instead'), switchTab: way('tab'), navigateBack: way('back'),
})
// The app's own scripts say what fails in them by the console.
console.error = (...said) => failures.push(`script ${said.map((one) => one?.stack ?? one).join(' ')}`)
process.on('unhandledRejection', (problem) => failures.push(`unhandled ${problem?.stack ?? problem}`))
