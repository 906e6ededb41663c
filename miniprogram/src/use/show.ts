/** How values are shown. Money is whole fen, instants are UTC; people read yuan and Shanghai's clock. */
const SHANGHAI_MS = 8 * 3600 * 1000

/** 1990 → "19.90". */
export function yuan(fen: number): string {
  const cents = String(Math.abs(fen) % 100).padStart(2, '0')
  return `${fen < 0 ? '-' : ''}${Math.floor(Math.abs(fen) / 100)}.${cents}`
}

/** The fen of what somebody typed in yuan; null when it is no amount. */
export function fenOf(text: string): number | null {
  const parts = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim())
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0')) : null
}

/** 850 → "8.5%". */
export const percent = (bps: number): string => `${Number((bps / 100).toFixed(2))}%`

const parts = (instant: string): string => new Date(new Date(instant).getTime() + SHANGHAI_MS).toISOString()

/** "2026-11-22 16:30" */
export const moment = (instant: string | null | undefined): string =>
  instant ? parts(instant).slice(0, 16).replace('T', ' ') : ''

/** "2026-11-22" */
export const day = (instant: string | null | undefined): string => (instant ? parts(instant).slice(0, 10) : '')
