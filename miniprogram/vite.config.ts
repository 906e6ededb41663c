import uniModule from '@dcloudio/vite-plugin-uni'
import { defineConfig, type Plugin } from 'vite'

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

const server = process.env.TUIKE_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/m/',
  plugins: [uni(), ownHostOnly],
  build: { target: 'es2018', reportCompressedSize: false },
  server: { proxy: { '/api': server, '/media': server } },
  define: {
    // A build may be told another address and AppID than config.json says.
    __API__: JSON.stringify(process.env.TUIKE_MALL_API ?? ''),
    __APPID__: JSON.stringify(process.env.TUIKE_MALL_APPID ?? ''),
  },
})
