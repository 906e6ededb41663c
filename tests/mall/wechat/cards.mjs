// What is handed on as a card in WeChat: a product, a shop, a bargain, a red packet, the mall itself.
import { words } from './phone.mjs'
import { button, card, open, says, signIn, tap, until, walk, walked } from './pages.mjs'

await walk(async () => {
  const found = {}
  const product = await open(`/pages/product/product?no=${words.product}`)
  await until('the product', says(product, '分享'))
  tap(product, '分享')
  await until('what is on the card', () => walked(`/products/${words.product}/share 200`))
  await until('the button', () => button(product, 'share'))
  found.product = card(product)

  const shop = await open(`/pages/shop/shop?no=${words.shop}`)
  await until('the shop', () => walked(`/shops/${words.shop} 200`))
  await until('its name', says(shop, words.shop_name))
  found.shop = card(shop, 'menu')

  const home = await open('/pages/home/home')
  found.home = card(home, 'menu')
  const me = await open('/pages/me/me')
  await until('the way in', says(me, '推广中心'))
  tap(me, '推广中心')
  await signIn()

  const bargain = await open(`/marketing/bargain/bargain?code=${words.bargain}`)
  await until('the bargain', says(bargain, '邀请朋友砍价'))
  await until('its button', () => button(bargain, 'share'))
  found.bargain = card(bargain)
  const packet = await open(`/marketing/packet/packet?code=${words.packet}`)
  await until('the packet', says(packet, '分享给朋友或群'))
  await until('its button', () => button(packet, 'share'))
  found.packet = card(packet)
  return { cards: found }
})
