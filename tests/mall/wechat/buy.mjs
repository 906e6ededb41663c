// From a code's scene to a paid order: the address is WeChat's, the first payment is left, the phone may show messages.
import { asked, given, holder, refuse, said, words } from './phone.mjs'
import { back, follow, open, says, signIn, tap, until, walk, walked } from './pages.mjs'

await walk(async () => {
  let product = await open(`/pages/product/product?${words.query}`)
  await until('the product', says(product, '加入购物车'))
  tap(product, '加入购物车')
  await until('the sheet', () => product.host.textContent.split('加入购物车').length === 3)
  tap(product, '加入购物车')
  product = await signIn()

  tap(product, '加入购物车')
  await until('the cart to hold it', () => said.includes('已加入购物车'))
  const cart = await open('/pages/cart/cart')
  await until('the cart', says(cart, '去结算（1）'))
  tap(cart, '去结算（1）')
  let checkout = await follow('/order/checkout/checkout')
  await until('the sum', says(checkout, '添加收货地址'))

  tap(checkout, '添加收货地址')
  const addresses = await follow('/member/addresses/addresses?pick=1')
  await until('no address yet', says(addresses, '还没有收货地址'))
  tap(addresses, '添加收货地址')
  const address = await follow('/member/address/address')
  await until('the way to WeChat’s addresses', says(address, '使用微信收货地址'))
  refuse('chooseAddress', 'fail cancel')
  tap(address, '使用微信收货地址')
  await until('it to be left', () => given('chooseAddress').length === 1)
  holder.addresses.push(words.address)
  tap(address, '使用微信收货地址')
  await until('the region', says(address, '东城区'))
  tap(address, '保存')
  await back()
  checkout = await back('phone')
  await until('the address in the checkout', says(checkout, words.address.detailInfo))

  refuse('requestPayment', 'fail cancel')
  tap(checkout, '提交订单')
  const pay = await follow('/order/pay/pay')
  await until('the way to try again', says(pay, '立即支付'))
  const left = { said: [...said], asked: asked.map((one) => one.name) }
  holder.subscribe = words.subscribe
  tap(pay, '立即支付')
  const result = await follow('/order/result/result')
  await until('the payment', says(result, '支付成功'))
  await until('the answer about messages', () => walked('POST /api/storefront/subscriptions'))
  tap(result, '查看订单')
  const order = await follow('/order/detail/detail')
  await until('the order', says(order, '待发货'))
  return { left }
})
