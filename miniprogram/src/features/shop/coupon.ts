/** What a coupon takes off, in words. */
import type { Shapes } from '@/api/client'
import { language, t } from '@/texts'
import { yuan } from '@/use/show'

type Terms = Pick<Shapes['Voucher'], 'kind' | 'threshold_fen' | 'minus_fen' | 'off_bps'>

const short = (fen: number): string => yuan(fen).replace(/\.?0+$/, '')

export function couponWords(one: Terms): string {
  if (one.kind === 'percent') {
    const off = language.value === 'zh' ? `${Number(((10_000 - one.off_bps) / 1000).toFixed(2))} 折` : `${one.off_bps / 100}%`
    return t('shop.couponPercent', { off })
  }
  const minus = short(one.minus_fen)
  return one.threshold_fen ? t('shop.couponOver', { over: short(one.threshold_fen), minus }) : t('shop.couponFixed', { minus })
}
