// Every page of the app without a network: it says so or shows what it can, and none of its scripts fails.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { failures, simulate, words } from './phone.mjs'
import { back, open, walk } from './pages.mjs'

await walk(async () => {
  const app = JSON.parse(readFileSync(path.join(words.package, 'app.json'), 'utf8'))
  const inside = (app.subPackages ?? []).flatMap((sub) => sub.pages.map((one) => `${sub.root}/${one}`))
  const pages = [...app.pages, ...inside]
  const broken = []
  for (const page of pages) {
    const before = failures.length
    const shown = await open(`/${page}?no=A1&code=B2`)
    await simulate.sleep(200)
    if (failures.length > before) broken.push(`${page} ${failures.slice(before).join(' ').slice(0, 300)}`)
    else if (!shown.host.textContent.trim()) broken.push(`${page} is empty`)
    failures.splice(before)
    await back('phone')
  }
  return { pages, broken }
})
