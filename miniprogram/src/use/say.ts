/** Short words to a person, and questions that are answered by yes or no. */
import { t } from '@/texts'

export const toast = (title: string): void => void uni.showToast({ title, icon: 'none', duration: 2500 })

/** Ask; true if the answer is yes. */
export const ask = (content: string): Promise<boolean> =>
  new Promise((resolve) =>
    uni.showModal({
      content,
      confirmText: t('common.confirm'),
      cancelText: t('common.cancel'),
      confirmColor: '#07c160',
      success: ({ confirm }) => resolve(confirm),
      fail: () => resolve(false),
    }),
  )

/** Put a text on the clipboard and say so. */
export const copy = (data: string): void =>
  void uni.setClipboardData({ data, showToast: false, success: () => toast(t('common.copied')) })
