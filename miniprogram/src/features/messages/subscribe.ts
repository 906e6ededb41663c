/** Asking in WeChat whether the phone may show messages, where somebody has just done what they are about. */
import { post } from '@/api/client'
import { start } from '@/features/start/start'

/** At most so many templates can be asked for at once. */
const MOST = 3

/**
 * Ask about messages of these kinds and tell the server what was answered. Only in WeChat, only templates that the mall
 * has; never in the way of what the person was doing: whatever goes wrong, nothing is said.
 */
export async function askMessages(kinds: string[]): Promise<void> {
  // #ifdef MP-WEIXIN
  const ids = (start.data?.templates ?? [])
    .filter((one) => one.kinds.some((kind) => kinds.includes(kind)))
    .map((one) => one.template_id)
    .slice(0, MOST)
  if (!ids.length) return
  const said = await new Promise<Record<string, string>>((resolve) =>
    wx.requestSubscribeMessage?.({
      tmplIds: ids,
      success: (answer: Record<string, string>) => resolve(answer),
      fail: () => resolve({}),
    }),
  )
  const accepted = ids.filter((id) => said[id] === 'accept')
  const rejected = ids.filter((id) => said[id] && said[id] !== 'accept')
  if (!accepted.length && !rejected.length) return
  await post('/api/storefront/subscriptions', { body: { accepted, rejected } }).catch(() => undefined)
  // #endif
}

export const AFTER_PAYING = ['order_shipped', 'receipt_soon', 'points_expiring']
export const AFTER_ASKING_REFUND = ['after_sale_approved', 'after_sale_rejected', 'refund_done']
export const ON_BARGAIN = ['bargain_cut', 'bargain_floor']
export const ON_RED_PACKET = ['red_packet_opened', 'red_packet_returned']
export const ON_COUPON = ['coupon_expiring', 'coupon_given']
