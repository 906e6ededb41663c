/** Red packets: what may be sent, paying for one, where its parts lead. */
import { get, post, type Shapes } from '@/api/client'
import { openCashier } from '@/features/orders/cashier'
import { type Key, t } from '@/texts'
import { replace } from '@/use/page'
import { toast } from '@/use/say'
import { fenOf, yuan } from '@/use/show'

export type Split = 'lucky' | 'fixed'
type Limits = Shapes['RedPacketLimits']

export const pageOf = (code: string): string => `/marketing/packet/packet?code=${code}`

export const STATES: Record<string, Key> = {
  unpaid: 'packet.unpaid',
  empty: 'packet.empty',
  over: 'packet.over',
  cancelled: 'packet.cancelled',
}

/** What a packet comes to: lucky ones are given as a whole, equal ones by the piece; null for no amount. */
export function totalOf(split: Split, amount: string, shares: number): number | null {
  const fen = fenOf(amount)
  return fen === null ? null : split === 'fixed' ? fen * shares : fen
}

/** Why it can't be sent so, empty where it can. */
export function whyNot(total: number | null, shares: number, fromBalance: boolean, limits: Limits): string {
  if (total === null) return t('packet.wrongAmount')
  if (total < shares) return t('packet.tooSmall')
  if (total > shares * limits.share_most_fen) return t('packet.tooLarge', { each: yuan(limits.share_most_fen) })
  if (fromBalance && total > limits.balance_fen) return t('packet.balanceShort')
  return ''
}

/** Pay for a packet in WeChat or on the page where a browser pays; what came of it the server says. */
export async function payPacket(no: string): Promise<void> {
  const path = { no }
  const sent = `/marketing/sent/sent?no=${no}`
  const came = await openCashier(
    (asked) => post('/api/storefront/red-packets/sent/{no}/payment', { path, body: asked }),
    `/m${sent}`,
  )
  if (came === 'gone') return
  if (came === 'left') toast(t('order.payCancelled'))
  replace(sent)
}

export const sentOf = (no: string): Promise<Shapes['RedPacketSent']> => get('/api/storefront/red-packets/sent/{no}', { path: { no } })
