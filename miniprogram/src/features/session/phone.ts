/** Whether the mall asks for the phone number of who has just signed in. */
import { start } from '@/features/start/start'
import { session } from './session'

export const wantsPhone = (): boolean => start.data?.phone_wish === 'before_login' && !session.hasPhone
