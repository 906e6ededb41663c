/** Goods of the points mall: what they cost, and whether they can be taken. */
import type { Shapes } from '@/api/client'
import { t } from '@/texts'
import { day, yuan } from '@/use/show'

type Good = Shapes['PointsGood']

export const costs = (one: Good): string =>
  one.money_fen ? t('points.priceMoney', { n: one.points, fen: yuan(one.money_fen) }) : t('points.price', { n: one.points })

/** Why it can't be taken, empty where it can; `points`: what the person has, null for a visitor. */
export function whyNot(one: Good, points: number | null): string {
  if (one.phase === 'coming') return t('points.coming', { day: day(one.starts_at) })
  if (one.phase !== 'open') return t('points.ended')
  if (one.left < 1) return t('points.gone')
  if (one.held >= one.limit_each) return t('points.reached')
  if (points !== null && points < one.points) return t('points.short', { n: one.points - points })
  return ''
}
