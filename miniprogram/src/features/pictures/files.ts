/** Files: pictures that a person hands in, and pictures that only the person may see. */
import { address, headers, refusal } from '@/api/client'
import { Failure, failureOf } from '@/api/failure'
import { t } from '@/texts'

const UPLOAD_MS = 60_000

/** Let the person choose pictures; empty when they changed their mind. */
export async function choose(most: number): Promise<string[]> {
  try {
    const { tempFilePaths } = await uni.chooseImage({ count: most, sizeType: ['compressed'] })
    return [tempFilePaths].flat()
  } catch {
    return []
  }
}

/** Hand a file in and return what the server answered. */
export function hand<T>(path: string, numbers: object, name: string, filePath: string): Promise<T> {
  return new Promise((resolve, reject) => {
    uni.uploadFile({
      url: address(path, numbers),
      name,
      filePath,
      header: headers(),
      timeout: UPLOAD_MS,
      success: ({ statusCode, data }) => {
        const said = read(data)
        if (statusCode >= 200 && statusCode < 300) resolve(said as T)
        else reject(refusal(statusCode, said))
      },
      fail: () => reject(new Failure('network', t('common.offline'))),
    })
  })
}

/** Hand a picture of a review, a post or an after-sale in; return its address. */
export const put = async (filePath: string): Promise<string> =>
  (await hand<{ address: string }>('/api/storefront/pictures', {}, 'picture', filePath)).address

/** Return a picture that is shown to its owner alone, as something that `<image>` can show. */
export async function fetched(path: string, numbers: object): Promise<string> {
  const url = address(path, numbers)
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

function read(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : data
  } catch {
    return {}
  }
}
