import uniModule from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'

// The package is CommonJS; seen from a module its function stands in .default.
const uni = (uniModule as unknown as { default?: typeof uniModule }).default ?? uniModule

const server = process.env.TUIKE_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/m/',
  plugins: [uni()],
  build: { target: 'es2018', reportCompressedSize: false },
  server: { proxy: { '/api': server, '/media': server } },
  define: {
    // A build may be told another address and AppID than config.json says.
    __API__: JSON.stringify(process.env.TUIKE_MALL_API ?? ''),
    __APPID__: JSON.stringify(process.env.TUIKE_MALL_APPID ?? ''),
  },
})
