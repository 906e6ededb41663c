import type { Texts } from './index'

export const me = {
  guest: ['点击登录', 'Tap to sign in'],
  guestHint: ['登录后享受更多权益', 'There is more for members'],
  myOrders: ['我的订单', 'My orders'],
  services: ['我的服务', 'Services'],
  promoter: ['推广中心', 'Promoter centre'],
  promoterHint: ['分享好物，赚取佣金', 'Share what you like and earn'],
  coupons: ['优惠券', 'Coupons'],
  settings: ['设置', 'Settings'],
  chinese: ['简体中文', '简体中文'],
  english: ['English', 'English'],
  signOut: ['退出登录', 'Sign out'],
  signOutAsk: ['确定退出登录？', 'Sign out?'],
  couponNone: ['暂时没有可领的优惠券', 'No coupons to take now'],
  couponEmpty: ['还没有优惠券', 'No coupons yet'],
  unused: ['可使用', 'To use'],
  used: ['已使用', 'Used'],
  over: ['已过期', 'Expired'],
} as const satisfies Texts
