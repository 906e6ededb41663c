// Builds for one platform: `node scripts/build.mjs h5|mp-weixin [folder]`. No word goes out while it builds (CI=1).
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [platform = 'h5', folder = join('dist', 'build', platform)] = process.argv.slice(2)
const out = resolve(root, folder)
const config = JSON.parse(readFileSync(join(root, 'config.json'), 'utf8'))
const appid = process.env.TUIKE_MALL_APPID || config.appid

if (platform === 'mp-weixin' && !(process.env.TUIKE_MALL_API || config.api)) {
  console.warn('config.json names no "api": the package will only talk to http://127.0.0.1:8000')
}
const uni = createRequire(import.meta.url).resolve('@dcloudio/vite-plugin-uni/bin/uni.js')
const words = ['build', ...(platform === 'h5' ? [] : ['-p', platform]), '--outDir', out]
const built = spawnSync(process.execPath, [uni, ...words], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CI: '1', NODE_ENV: 'production', UNI_OUTPUT_DIR: out },
})
if (built.status !== 0) process.exit(built.status ?? 1)
if (platform === 'mp-weixin') {
  const file = join(out, 'project.config.json')
  const project = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...project, appid, projectname: config.name.en }, null, 2) + '\n')
}
