/** The board of supply and demand: its states in words, how a post is written to and reported. */
import { post, type Shapes } from '@/api/client'
import { type Key, t } from '@/texts'

export type PostKind = 'supply' | 'demand'
export const KINDS: PostKind[] = ['supply', 'demand']

/** Days that a post is shown (docs/rules.md §10). */
export const SHOWN_DAYS = 30
/** State of one's own post, in words. */
const STATES: Record<string, Key> = {
  pending: 'board.state_pending',
  shown: 'board.state_shown',
  rejected: 'board.state_rejected',
  hidden: 'board.state_hidden',
  closed: 'board.state_closed',
}
export const postState = (state: string): Key => STATES[state] ?? 'board.title'
export const kindName = (kind: string): string => t(kind === 'demand' ? 'board.demand' : 'board.supply')
export const nameOf = (name: string): string => name || t('board.nameless')

/** Write to who posted; return the talk. */
export const contact = (no: string, text: string): Promise<Shapes['BoardTalk']> =>
  post('/api/storefront/posts/{no}/remarks', { path: { no }, body: { text } })

const REASONS: Key[] = ['board.reportFake', 'board.reportFraud', 'board.reportBad', 'board.reportAd']

/** Ask why a post is reported; empty when the person changed their mind. */
export async function reportReason(): Promise<string> {
  try {
    const { tapIndex } = await uni.showActionSheet({ title: t('board.reportWhy'), itemList: REASONS.map((key) => t(key)) })
    const chosen = REASONS[tapIndex]
    return chosen ? t(chosen) : ''
  } catch {
    return ''
  }
}
