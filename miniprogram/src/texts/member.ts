import type { Texts } from './index'

export const member = {
  addresses: ['收货地址', 'Addresses'],
  noAddress: ['还没有收货地址', 'No addresses yet'],
  default: ['默认', 'Default'],
  makeDefault: ['设为默认地址', 'Use it by default'],
  addressDeleteAsk: ['删除这个地址？', 'Delete this address?'],
} as const satisfies Texts
