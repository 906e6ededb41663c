/// <reference types="vite/client" />
declare const __API__: string
declare const __APPID__: string
/** What WeChat offers and uni-app's types don't know. */
declare const wx: Record<string, (given: object) => void>

declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}

/** A call that was made before the program stood, and its answer. */
interface Early {
  url: string
  headers: Record<string, string>
  answer: Promise<{ statusCode: number; data: unknown }>
}

interface Window {
  early?: Early[]
}
