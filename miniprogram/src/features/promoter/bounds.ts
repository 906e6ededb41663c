/** Between what a promoter looks in the library: from, to, in fen and in ten-thousandths; and how it is said. */
import { t } from '@/texts'
import { fenOf, percent, yuan } from '@/use/show'

export type Measure = 'price_fen' | 'rate_bps' | 'commission_fen'
export const MEASURES: Measure[] = ['price_fen', 'rate_bps', 'commission_fen']
export type Bounds = Partial<Record<`${Measure}_min` | `${Measure}_max`, number>>
/** What was typed, from and to of each: yuan, and per cent for the rate. */
export type Typed = Record<Measure, [string, string]>

export const nothingTyped = (): Typed => ({ price_fen: ['', ''], rate_bps: ['', ''], commission_fen: ['', ''] })

/** Rates are typed in per cent: 8.5 is 850 ten-thousandths, the same shift as from yuan to fen. A pair that was typed the
 * wrong way round is turned. */
export function boundsOf(typed: Typed): Bounds {
  const found: Bounds = {}
  for (const name of MEASURES) {
    const most = name === 'rate_bps' ? 10_000 : 10 ** 13
    const ends = typed[name].map((text) => fenOf(text)).map((end) => (end === null ? undefined : Math.min(end, most)))
    const turned = ends[0] !== undefined && ends[1] !== undefined && ends[0] > ends[1]
    const [from, to] = turned ? [ends[1], ends[0]] : ends
    found[`${name}_min`] = from
    found[`${name}_max`] = to
  }
  return found
}

/** Say a pair of bounds, empty for none. */
export function boundsSaid(name: Measure, of: Bounds): string {
  const [from, to] = [of[`${name}_min`], of[`${name}_max`]]
  if (from === undefined && to === undefined) return ''
  const shown = (end: number | undefined): string =>
    end === undefined ? '' : name === 'rate_bps' ? percent(end) : `¥${yuan(end)}`
  const span = from === undefined ? `≤ ${shown(to)}` : to === undefined ? `≥ ${shown(from)}` : `${shown(from)}–${shown(to)}`
  return `${label(name)} ${span}`
}

export function label(name: Measure): string {
  if (name === 'price_fen') return t('promoter.byPrice')
  return t(name === 'rate_bps' ? 'promoter.byRate' : 'promoter.byCommission')
}
