// What only WeChat's phone can confirm: the phone number, a code that a browser shows, a transfer. Each is refused first.
import { calls, control, given, holder, refuse, said, words } from './phone.mjs'
import { back, button, fire, follow, having, named, open, says, signIn, tap, until, walk, walked } from './pages.mjs'

async function number(settings) {
  const asks = button(settings, 'getPhoneNumber')
  const before = walked('/sessions/phone')
  fire(asks, 'getphonenumber', { errMsg: 'getPhoneNumber:fail user deny' })
  await until('the page to stand', says(settings, '绑定手机号'))
  const refused = walked('/sessions/phone') - before
  const { code } = await control('phone_code', { openid: holder.openid })
  fire(asks, 'getphonenumber', { errMsg: 'getPhoneNumber:ok', code })
  await until('the number', () => said.includes('手机号已绑定'))
  return refused
}
async function scan(centre, seen) {
  holder.camera = seen
  tap(centre, '扫一扫')
  const asked = await follow('/pages/scan/index')
  await until('what is asked', says(asked, '在浏览器中登录商城'))
  return asked
}

await walk(async () => {
  let me = await open('/pages/me/me')
  await until('the way in', says(me, '推广中心'))
  tap(me, '推广中心')
  me = await signIn()
  const settings = await open('/member/settings/settings')
  await until('the settings', says(settings, '绑定手机号'))
  const refused = await number(settings)
  me = await back('phone')

  tap(me, '推广中心')
  let centre = await follow('/promoter/centre/centre')
  await until('the centre', () => walked('GET /api/storefront/promoter/home 200') && named(centre, '扫一扫'))
  tap(centre, '扫一扫')
  await until('the camera to be left', () => given('scanCode').length === 1)
  holder.camera = { result: 'weixin://elsewhere', path: '' }
  tap(centre, '扫一扫')
  await until('a foreign code', () => said.includes('无法识别此二维码'))
  const yes = await scan(centre, { result: words.scans[0], path: '' })
  tap(yes, '确认')
  await until('the yes', says(yes, '已确认'))
  await back('phone')
  me = await back('phone')
  const no = await scan(me, { result: words.scans[1], path: '' })
  tap(no, '拒绝')
  await until('the no', says(no, '已拒绝'))
  me = await back('phone')
  const outside = await open(`/pages/scan/index?q=${encodeURIComponent(encodeURIComponent(words.scans[2]))}`)
  await until('the code that WeChat itself scanned', says(outside, '在浏览器中登录商城'))
  me = await back('phone')

  tap(me, '推广中心')
  centre = await follow('/promoter/centre/centre')
  await until('the purse', says(centre, '提现'))
  tap(centre, '提现')
  const withdraw = await follow('/promoter/withdraw/withdraw')
  await until('the withdrawal', says(withdraw, '待确认收款'))
  refuse('requestMerchantTransfer', 'fail cancel')
  tap(withdraw, '确认收款')
  await until('it to be left', () => said.some((one) => one.includes('24 小时')))
  await until('its way back', () => walked('/promoter/withdrawals 200') > 1 && !having(withdraw, 'loading', true).length)
  const left = { waits: says(withdraw, '待确认收款')(), asked: given('requestMerchantTransfer').length }
  const before = calls.length
  tap(withdraw, '确认收款')
  await until('the money', says(withdraw, '已到账'))
  return { refused, left, since: calls.slice(before) }
})
