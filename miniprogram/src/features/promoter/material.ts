/** Material: made at a place, with the rules of its source accepted; pictures come with the person's token. */
import { address, get, headers, post, type Shapes } from '@/api/client'
import { failureOf } from '@/api/failure'

/** Make material for a product or a shop. */
export async function make(pid: string, wish: { products?: string[]; shops?: string[] }): Promise<Shapes['MaterialItem']> {
  const made = await post('/api/storefront/promoter/materials', {
    body: { pid, products: wish.products ?? [], shops: wish.shops ?? [] },
  })
  return made.items[0] as Shapes['MaterialItem']
}

/** Return a picture of material that `<image>` can show: the poster, or the code alone. */
export async function pictureOf(code: string, what: 'poster' | 'image'): Promise<string> {
  const url = address(`/api/storefront/promoter/materials/{code}/${what}`, { code })
  // #ifdef H5
  const answer = await fetch(url, { headers: headers() })
  if (!answer.ok) throw failureOf(null)
  return URL.createObjectURL(await answer.blob())
  // #endif
  // #ifdef MP-WEIXIN
  const { tempFilePath, statusCode } = await uni.downloadFile({ url, header: headers() })
  if (statusCode !== 200) throw failureOf(null)
  return tempFilePath
  // #endif
}

export const placesOf = (): Promise<Shapes['Places']> => get('/api/storefront/promoter/places')
