import type { Texts } from './index'

export const cart = {
  empty: ['购物车还是空的', 'Your cart is empty'],
  goShopping: ['去逛逛', 'Go shopping'],
  all: ['全选', 'All'],
  total: ['合计', 'Total'],
  checkout: ['去结算（{n}）', 'Check out ({n})'],
  manage: ['管理', 'Edit'],
  finish: ['完成', 'Done'],
  remove: ['删除', 'Delete'],
  removeAsk: ['删除选中的 {n} 件商品？', 'Delete {n} selected items?'],
  gone: ['失效商品', 'Not available'],
  clearGone: ['清空失效商品', 'Clear'],
  cheaper: ['比加入时降了 ¥{fen}', '¥{fen} less than when added'],
  dearer: ['比加入时涨了 ¥{fen}', '¥{fen} more than when added'],
  few: ['库存不足，仅剩 {n} 件', 'Only {n} left'],
  chooseSome: ['请选择要结算的商品', 'Choose what to buy'],
  signIn: ['登录后查看购物车', 'Sign in to see your cart'],
} as const satisfies Texts
