/** Material: made at a place, with the rules of its source accepted; pictures come with the person's token. */
import { get, post, type Shapes } from '@/api/client'
import { fetched } from '@/features/pictures/files'
import { t } from '@/texts'
import { ask, toast } from '@/use/say'

/** Make material for a product or a shop. */
export async function make(pid: string, wish: { products?: string[]; shops?: string[] }): Promise<Shapes['MaterialItem']> {
  const made = await post('/api/storefront/promoter/materials', {
    body: { pid, products: wish.products ?? [], shops: wish.shops ?? [] },
  })
  return made.items[0] as Shapes['MaterialItem']
}

/** Return a picture of material that `<image>` can show: the poster, or the code alone. */
export const pictureOf = (code: string, what: 'poster' | 'image'): Promise<string> =>
  fetched(`/api/storefront/promoter/materials/{code}/${what}`, { code })

/** Save a picture to the phone's album; only in WeChat, which asks the person. Says whether it is there. */
export async function saveToAlbum(filePath: string): Promise<boolean> {
  // #ifdef MP-WEIXIN
  try {
    await uni.saveImageToPhotosAlbum({ filePath })
    toast(t('promoter.savedAlbum'))
    return true
  } catch (problem) {
    const why = String((problem as { errMsg?: string }).errMsg)
    // Whoever said no before isn't asked again by WeChat: lead to where it can be changed. Who changes their mind is left alone.
    if (/auth/i.test(why)) {
      if (await ask(t('promoter.saveDenied'))) uni.openSetting({})
    } else if (!/cancel/i.test(why)) toast(t('common.failed'))
  }
  // #endif
  return false
}

/** Tell that material was shared; nobody waits for that, and a failure is not shown. */
export function shared(code: string, kind: Shapes['Shared']['kind']): void {
  post('/api/storefront/promoter/materials/{code}/shares', { path: { code }, body: { kind } }).catch(() => {})
}

export const placesOf = (): Promise<Shapes['Places']> => get('/api/storefront/promoter/places')
