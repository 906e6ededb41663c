/** Coming from somebody's material: a code's scene, a share card, a short link. */
import { post, type Shapes } from '@/api/client'

/** Return the ticket or short code that a page was opened with, empty when there is none. */
export function ticketOf(options: Record<string, string | undefined>): string {
  return decodeURIComponent(options.scene || options.c || options.t || '')
}

/** Record that material was seen, and return what it is for; nothing when there is none or it means nothing any more. */
export async function arrive(options: Record<string, string | undefined>): Promise<Shapes['Touch'] | null> {
  const ticket = ticketOf(options)
  if (!ticket) return null
  return post('/api/storefront/touches', { body: { ticket } })
}
