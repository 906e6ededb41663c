/** Confirming a transfer of WeChat. Whether the money has come the server says, never the phone. */
import { t } from '@/texts'
import { toast } from '@/use/say'

const EVERY_MS = 1500
const TIMES = 10

/** Let WeChat ask the payee; true when they said yes. What else came of it is said. */
export async function askPayee(parameters: Record<string, string>): Promise<boolean> {
  // #ifdef MP-WEIXIN
  if (!wx.requestMerchantTransfer) {
    toast(t('promoter.transferOld'))
    return false
  }
  const yes = await new Promise<boolean>((resolve) =>
    wx.requestMerchantTransfer?.({ ...parameters, success: () => resolve(true), fail: () => resolve(false) }),
  )
  if (!yes) toast(t('promoter.transferLeft'))
  return yes
  // #endif
  // #ifdef H5
  if (parameters) toast(t('promoter.confirmInWechat'))
  return false
  // #endif
}

/** Ask until the server knows what came of it, some times; `waits` says whether it still doesn't. */
export async function untilKnown(ask: () => Promise<void>, waits: () => boolean): Promise<void> {
  await ask()
  for (let n = 1; waits() && n < TIMES; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    await ask()
  }
  if (waits()) toast(t('promoter.transferSoon'))
}
