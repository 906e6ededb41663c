// A friend opens the cards that were sent: cuts the bargain, begins one of their own, opens the red packet.
import { given, holder, words } from './phone.mjs'
import { follow, having, open, says, signIn, tap, until, walk } from './pages.mjs'

await walk(async () => {
  let bargain = await open(words.bargain)
  await until('the bargain', says(bargain, '帮砍一刀'))
  tap(bargain, '帮砍一刀')
  bargain = await signIn()
  await until('the bargain, signed in', says(bargain, '我也要砍'))
  tap(bargain, '帮砍一刀')
  await until('the cut', says(bargain, '帮砍了'))
  holder.subscribe = words.subscribe
  tap(bargain, '我也要砍')
  const own = await follow('/marketing/bargain/bargain')
  await until('one of their own', says(own, '邀请朋友砍价'))

  const packet = await open(words.packet)
  await until('the envelope', () => having(packet, 'aria-label', '拆开红包').length)
  tap(packet, '开')
  await until('what was in it', says(packet, '已存入余额'))
  return { subscribed: given('requestSubscribeMessage') }
})
