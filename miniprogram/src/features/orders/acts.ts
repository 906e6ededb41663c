/** What a buyer may do with an order, as the server offers it. */
import { post, type Shapes } from '@/api/client'
import { type Key, t } from '@/texts'
import { go } from '@/use/page'
import { ask, toast } from '@/use/say'

type Order = Pick<Shapes['BoughtOrder'], 'no' | 'checkout_no' | 'acts' | 'lines'>

export const ACTS: Record<string, Key> = {
  hide: 'order.hide',
  refund: 'order.refund',
  cancel: 'order.cancelOrder',
  remind: 'order.remind',
  extend: 'order.extend',
  buy_again: 'order.buyAgain',
  review: 'review.write',
  confirm: 'order.receive',
  pay: 'order.payNow',
}
/** The act that a button stands out for. */
export const MAIN = new Set(['pay', 'confirm'])

/** The acts that can be done now, in the order of their buttons. */
export const offered = (order: Order): string[] =>
  Object.keys(ACTS).filter((act) => order.acts.some((one) => one.act === act && one.allowed))

/** Do one; true when the order has to be looked at again. */
export async function perform(act: string, order: Order): Promise<boolean> {
  const path = { path: { no: order.no } }
  switch (act) {
    case 'pay':
      go(`/order/pay/pay?no=${order.checkout_no}`)
      return false
    case 'refund':
      go(`/order/refund/refund?no=${order.no}`)
      return false
    case 'review':
      go(`/order/review/review?no=${order.no}`)
      return false
    case 'confirm':
      if (!(await ask(t('order.receiveAsk')))) return false
      await post('/api/storefront/orders/{no}/receipt', path)
      toast(t('order.received'))
      return true
    case 'cancel':
      if (!(await ask(t('order.cancelAsk')))) return false
      await post('/api/storefront/orders/{no}/cancel', path)
      return true
    case 'hide':
      if (!(await ask(t('order.hideAsk')))) return false
      await post('/api/storefront/orders/{no}/removal', path)
      return true
    case 'extend':
      await post('/api/storefront/orders/{no}/receipt-extension', path)
      toast(t('order.extended'))
      return true
    case 'remind':
      await post('/api/storefront/orders/{no}/reminder', path)
      toast(t('order.reminded'))
      return true
    default: {
      const { added, missing } = await post('/api/storefront/orders/{no}/buy-again', path)
      if (missing.length) await say(missing)
      if (added) go('/pages/cart/cart')
      return false
    }
  }
}

/** Say what could not be put into the cart again, and wait until it was read. */
const say = (missing: Shapes['NotAgain'][]): Promise<unknown> =>
  new Promise((done) =>
    uni.showModal({
      title: t('order.missing'),
      content: missing.map((one) => `${one.title} ${one.spec} · ${t(one.why === 'sold_out' ? 'order.soldOut' : 'order.offSale')}`).join('\n'),
      showCancel: false,
      confirmText: t('common.confirm'),
      complete: done,
    }),
  )
