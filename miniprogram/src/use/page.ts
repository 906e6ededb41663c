/** A page's title in the person's language, and ways from page to page. */
import { onShow } from '@dcloudio/uni-app'
import { watch } from 'vue'
import { type Key, language, t } from '@/texts'

export const TABS = ['/pages/home/home', '/pages/category/category', '/pages/cart/cart', '/pages/me/me']
const TAB_NAMES: Key[] = ['common.home', 'common.category', 'common.cart', 'common.me']

/** Title this page; the tab bar follows the language, too. */
export function useTitle(key: Key): void {
  const say = () => uni.setNavigationBarTitle({ title: t(key) })
  onShow(say)
  watch(language, say)
}

/** Write the tab bar in the person's language; only possible while a tab is shown. */
export function nameTabs(): void {
  TAB_NAMES.forEach((key, index) => uni.setTabBarItem({ index, text: t(key), fail: () => undefined }))
}

/** Go to a page; to a tab by changing tabs. */
export function go(url: string): void {
  if (TABS.includes(url.split('?')[0] ?? '')) uni.switchTab({ url })
  else uni.navigateTo({ url, fail: () => uni.redirectTo({ url }) })
}

/** Go to a page that takes this one's place. */
export function replace(url: string): void {
  if (TABS.includes(url.split('?')[0] ?? '')) uni.switchTab({ url })
  else uni.redirectTo({ url })
}

/** Go back; home where there is nothing behind. */
export function back(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else uni.switchTab({ url: TABS[0] as string })
}
