/** What the member centre leads to; a function that the mall has switched off is not among it. */
import type { Icon } from '@/components/icons'
import { offers, start } from '@/features/start/start'
import type { Key } from '@/texts'

export interface Service {
  icon: Icon
  key: Key
  url: string
  /** Shown to visitors, too. */
  free?: boolean
}

const ALL: (Service & { on?: () => boolean })[] = [
  { icon: 'ticket', key: 'me.couponCentre', url: '/marketing/coupons/coupons', free: true, on: () => offers('coupons') },
  { icon: 'cut', key: 'bargain.title', url: '/marketing/bargains/bargains', free: true, on: () => offers('bargains') },
  { icon: 'envelope', key: 'packet.title', url: '/marketing/packets/packets', on: () => offers('red_packets') },
  { icon: 'gift', key: 'points.mall', url: '/marketing/goods/goods', free: true, on: () => offers('points_mall') },
  { icon: 'board', key: 'board.title', url: '/board/list/list', free: true, on: () => offers('board') },
  { icon: 'heart', key: 'me.kept', url: '/member/kept/kept' },
  { icon: 'pin', key: 'member.addresses', url: '/member/addresses/addresses' },
  { icon: 'shop', key: 'me.openShop', url: '/member/onboarding/onboarding', on: () => !!start.data?.onboarding },
  { icon: 'gear', key: 'me.settings', url: '/member/settings/settings', free: true },
]

export const services = (): Service[] => ALL.filter((one) => !one.on || one.on())
