// A promoter signs in, finds a product in the library and hands it on: poster to the album, link copied, share card.
import { asked, given, holder, refuse, said, words } from './phone.mjs'
import { button, card, follow, open, says, signIn, sources, tap, until, walk } from './pages.mjs'

await walk(async () => {
  let me = await open('/pages/me/me')
  await until('a way to the centre', says(me, '推广中心'))
  tap(me, '推广中心')
  me = await signIn()
  tap(me, '推广中心')
  const centre = await follow('/promoter/centre/centre')
  await until('the centre', says(centre, '选品推广'))
  tap(centre, '选品推广')
  const library = await follow('/promoter/library/library')
  await until('the product', says(library, words.title))
  tap(library, '去推广')
  const promote = await follow('/promoter/promote/promote')
  await until('the product', says(promote, words.title))
  const before = card(promote, 'menu')
  await until('the rules', says(promote, '同意规则'))
  tap(promote, '同意规则')
  await until('them to be accepted', () => !says(promote, '同意规则')())
  tap(promote, '生成素材')
  await until('the poster', says(promote, '保存到相册'))
  await until('the link', says(promote, '复制链接'))
  const shown = sources(promote).filter((one) => /^\/.*\.(png|jpg)$/.test(one))

  refuse('saveImageToPhotosAlbum', 'fail cancel')
  tap(promote, '保存到相册')
  await until('the person to change their mind', () => given('saveImageToPhotosAlbum').length === 1)
  const cancelled = [...said]
  refuse('saveImageToPhotosAlbum', 'fail auth deny')
  tap(promote, '保存到相册')
  await until('the settings to be offered', () => given('openSetting').length === 1)
  const denied = asked.map((one) => one.name)
  tap(promote, '保存到相册')
  await until('the picture in the album', () => holder.album.length === 1)
  await until('it to be said', () => said.includes('已保存到相册'))
  tap(promote, '复制链接')
  await until('the link on the clipboard', () => holder.clipboard)
  return { shown, cancelled, denied, before, card: card(promote, 'menu'), share: !!button(promote, 'share') }
})
