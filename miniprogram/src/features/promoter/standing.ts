/** How a promoter stands in the network, in words. */
import type { Key } from '@/texts'

export const STANDINGS: Record<string, Key> = {
  joining: 'promoter.standing_joining',
  active: 'promoter.standing_active',
  frozen: 'promoter.standing_frozen',
  retired: 'promoter.standing_retired',
  banned: 'promoter.standing_banned',
}
