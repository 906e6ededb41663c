import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import uniModule from '@dcloudio/vite-plugin-uni'
import { defineConfig, type Plugin, transformWithEsbuild } from 'vite'

// The package is CommonJS; seen from a module its function stands in .default.
const uni = (uniModule as unknown as { default?: typeof uniModule }).default ?? uniModule

/** uni-app's own styles draw shadows with pictures of its maker's host; nothing is asked of other hosts here. */
const ownHostOnly: Plugin = {
  name: 'own-host-only',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'asset' && file.fileName.endsWith('.css')) {
        file.source = String(file.source).replace(/url\(["']?https?:\/\/[^)]*\)/g, 'none')
      }
    }
  },
}

/** `src/early.ts` is a small script before the program: what the home shows is asked for while the program is read. */
function askEarly(): Plugin {
  const file = new URL('./src/early.ts', import.meta.url).pathname
  let name = ''
  return {
    name: 'ask-early',
    apply: () => process.env.UNI_PLATFORM === 'h5' && process.env.NODE_ENV === 'production',
    async generateBundle() {
      const { code } = await transformWithEsbuild(readFileSync(file, 'utf8'), file, { target: 'es2018', minify: true })
      name = `assets/early.${createHash('sha256').update(code).digest('hex').slice(0, 8)}.js`
      this.emitFile({ type: 'asset', fileName: name, source: code })
    },
    transformIndexHtml: {
      order: 'post',
      handler: () => [{ tag: 'script', attrs: { src: `/m/${name}`, async: true }, injectTo: 'head-prepend' }],
    },
  }
}

const server = process.env.TUIKE_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/m/',
  plugins: [askEarly(), uni(), ownHostOnly],
  build: { target: 'es2018', reportCompressedSize: false },
  server: { proxy: { '/api': server, '/media': server } },
  define: {
    // A build may be told another address and AppID than config.json says.
    __API__: JSON.stringify(process.env.TUIKE_MALL_API ?? ''),
    __APPID__: JSON.stringify(process.env.TUIKE_MALL_APPID ?? ''),
  },
})
