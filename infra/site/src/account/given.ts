// What every section of the account is given.
import type { Way } from './api'
import type { Fresh } from './Prove'

export interface SectionProps {
  way: Way
  /** Do what may want a fresh proof; `null` when the person would rather not. */
  fresh: Fresh
  /** Read the account anew, and say what was done. */
  done: (said: string) => void
}
