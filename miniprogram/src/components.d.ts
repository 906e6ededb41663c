/** Components that every page may use without importing them. */
import 'vue'

declare module 'vue' {
  export interface GlobalComponents {
    TButton: typeof import('./components/t-button.vue')['default']
    TCountdown: typeof import('./components/t-countdown.vue')['default']
    TEmpty: typeof import('./components/t-empty.vue')['default']
    TGone: typeof import('./components/t-gone.vue')['default']
    TGoods: typeof import('./components/t-goods.vue')['default']
    TIcon: typeof import('./components/t-icon.vue')['default']
    TMore: typeof import('./components/t-more.vue')['default']
    TPage: typeof import('./components/t-page.vue')['default']
    TPrice: typeof import('./components/t-price.vue')['default']
    TProduct: typeof import('./components/t-product.vue')['default']
    TRow: typeof import('./components/t-row.vue')['default']
    TSheet: typeof import('./components/t-sheet.vue')['default']
    TSkeleton: typeof import('./components/t-skeleton.vue')['default']
    TStars: typeof import('./components/t-stars.vue')['default']
    TState: typeof import('./components/t-state.vue')['default']
    TStepper: typeof import('./components/t-stepper.vue')['default']
    TTabs: typeof import('./components/t-tabs.vue')['default']
    TTick: typeof import('./components/t-tick.vue')['default']
  }
}
