import type { Texts } from './index'

export const message = {
  title: ['消息', 'Messages'],
  none: ['还没有消息', 'No messages yet'],
  noneHint: ['订单、优惠和互动的消息会出现在这里', 'News of orders, offers and games comes here'],
  readAll: ['全部已读', 'Mark all as read'],
  more: ['查看', 'See'],
  noneOfThread: ['暂无消息', 'Nothing yet'],
} as const satisfies Texts
