/** Why a call brought no answer that could be used. */
import { t } from '@/texts'

export type Why = 'network' | 'timeout' | 'signin' | 'refused' | 'server'

export class Failure extends Error {
  constructor(
    readonly why: Why,
    message: string,
    readonly code = '',
    readonly status = 0,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message)
  }

  /** Trying the same again may help. */
  get passing(): boolean {
    return this.why === 'network' || this.why === 'timeout' || this.why === 'server'
  }
}

/** Return anything that was thrown as a failure with words for a person. */
export function failureOf(problem: unknown): Failure {
  if (problem instanceof Failure) return problem
  return new Failure('server', t('common.failed'))
}
