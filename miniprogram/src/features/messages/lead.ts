/** Where a message leads. */
import type { Shapes } from '@/api/client'
import { offers } from '@/features/start/start'

const PAGES: Record<string, (object: string) => string> = {
  order: (no) => `/order/detail/detail?no=${no}`,
  refund: (no) => `/order/aftersale/aftersale?no=${no}`,
  review: (no) => (offers('reviews') ? `/order/review/review?no=${no}` : ''),
  coupons: () => '/marketing/vouchers/vouchers',
  bargain: (code) => (offers('bargains') ? `/marketing/bargain/bargain?code=${code}` : ''),
  red_packet: (no) => (offers('red_packets') ? `/marketing/sent/sent?no=${no}` : ''),
  points: () => (offers('points') ? '/marketing/points/points' : ''),
  member: () => '/member/level/level',
  shop: (no) => `/pages/shop/shop?no=${no}`,
  talk: (no) => (offers('board') ? `/board/talk/talk?no=${no}` : ''),
  post: () => (offers('board') ? '/board/mine/mine' : ''),
  work: (no) => (no ? `/member/joining/joining?no=${no}` : ''),
  bonus: (no) => `/promoter/reaching/reaching?no=${no}`,
  grade: () => '/promoter/reaching/reaching',
  withdrawal: (no) => (no ? '/promoter/withdraw/withdraw' : ''),
}

/** Return the page that shows more, empty for none. */
export function placeOf({ page, object }: Pick<Shapes['PersonalMessage'], 'page' | 'object'>): string {
  return PAGES[page]?.(encodeURIComponent(object)) ?? ''
}
