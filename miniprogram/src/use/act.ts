/** One action of a person: busy until it is answered, a second tap does nothing, what went wrong is said. */
import { ref, type Ref } from 'vue'
import { failureOf, type Failure } from '@/api/failure'
import { agree, askSignIn } from '@/features/session/session'
import { toast } from './say'

export interface Act<A extends unknown[]> {
  (...words: A): Promise<boolean>
  busy: Ref<boolean>
}

/**
 * Return `act` made safe to tap: true when it went well. A refusal is said in a toast, unless `refused` takes it
 * (returns true); an ended session leads to the sign-in page, and so does a
 * missing phone number; terms that changed are to be agreed to anew.
 */
export function useAct<A extends unknown[]>(
  act: (...words: A) => Promise<unknown>,
  refused: (failure: Failure) => boolean = () => false,
): Act<A> {
  const busy = ref(false)
  const run = async (...words: A): Promise<boolean> => {
    if (busy.value) return false
    busy.value = true
    try {
      await act(...words)
      return true
    } catch (problem) {
      const failure = failureOf(problem)
      if (failure.code === 'consent_needed') agree(0)
      if (failure.why === 'signin' || failure.code === 'phone_needed') askSignIn()
      else if (!refused(failure)) toast(failure.message)
      return false
    } finally {
      busy.value = false
    }
  }
  return Object.assign(run, { busy })
}
