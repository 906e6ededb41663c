import { createSSRApp } from 'vue'
import App from './App.vue'
// #ifdef H5
import Home from '@/pages/home/home.vue'
// #endif

export function createApp() {
  const app = createSSRApp(App)
  // #ifdef H5
  app.component('MallHome', Home) // most visits begin there: named here, it comes with the program and not after it
  // #endif
  return { app }
}
