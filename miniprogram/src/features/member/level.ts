/** Where a member stands on the ladder. */
import type { Shapes } from '@/api/client'

type Member = Pick<Shapes['MemberSeen'], 'growth' | 'level' | 'next_level'>

/** How much of the way from this level to the next is behind, in hundredths. */
export function progressOf({ growth, level, next_level }: Member): number {
  if (!next_level) return 100
  const way = next_level.growth_needed - level.growth_needed
  return way > 0 ? Math.max(0, Math.min(100, Math.floor(((growth - level.growth_needed) * 100) / way))) : 100
}

/** How much growth is missing to the next level. */
export const missing = ({ growth, next_level }: Member): number => (next_level ? Math.max(0, next_level.growth_needed - growth) : 0)

/** 12500 → "1.25" */
export const times = (bps: number): string => String(Number((bps / 10_000).toFixed(2)))
