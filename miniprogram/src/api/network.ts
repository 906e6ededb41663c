/** Whether the network answers, as the phone and the last calls say. */
import { reactive } from 'vue'

export const network = reactive({ lost: false })

/** Follow what the phone says about its network; once, at the start. */
export function watchNetwork(): void {
  uni.onNetworkStatusChange(({ isConnected }) => (network.lost = !isConnected))
  uni.getNetworkType({ success: ({ networkType }) => (network.lost = networkType === 'none') })
}
