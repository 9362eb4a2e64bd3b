// One step's talk with the platform: is it busy, what was refused, how long to wait.
import { useEffect, useRef, useState } from 'preact/hooks'
import { Declined } from '../talk/ceremonies'
import { Refusal, Unreachable } from './api'
import { words } from './words'

const FIELDS = new Set(['email', 'password', 'name', 'code'])

export interface Step {
  busy: boolean
  /** A sentence for the whole form. */
  banner: string
  /** Sentences for single fields, by name. */
  errors: Readonly<Record<string, string>>
  /** Seconds until another try is accepted. */
  wait: number
  /** `declined` is said when the browser or the person did not go through with it. */
  run: Run
  /** Another way than the form's own: open while that has to wait, and a refusal of it holds up nothing. */
  aside: Run
  refuse: (errors: Record<string, string>) => void
}

type Run = (work: () => Promise<void>, onRefusal?: (refusal: Refusal) => Outcome | undefined, declined?: string) => void

export interface Outcome {
  banner?: string
  errors?: Record<string, string>
}

/** A sentence from the step before is said after the first render, when its live region exists. */
export function useStep(said = ''): Step {
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome>({})
  const [wait, setWait] = useState(0)
  const running = useRef(false)

  useEffect(() => {
    if (said !== '') setOutcome({ banner: said })
  }, [said])

  useEffect(() => {
    if (wait <= 0) return undefined
    const timer = setTimeout(() => {
      setWait(wait - 1)
      if (wait === 1) setOutcome({})
    }, 1000)
    return () => clearTimeout(timer)
  }, [wait])

  const start =
    (waits: boolean): Run =>
    (work, onRefusal, declined = '') => {
      // Two quick presses of Enter arrive before a render; only this flag sees the first of them.
      if (running.current || (waits && wait > 0)) return
      running.current = true
      setBusy(true)
      setOutcome({})
      void work()
        .catch((error: unknown) => {
          if (waits && error instanceof Refusal && error.status === 429 && error.retryAfter) setWait(error.retryAfter)
          if (error instanceof Declined) setOutcome({ banner: declined })
          else setOutcome((error instanceof Refusal ? onRefusal?.(error) : undefined) ?? outcomeOf(error))
        })
        .finally(() => {
          running.current = false
          setBusy(false)
        })
    }

  return {
    busy,
    wait,
    banner: outcome.banner ?? '',
    errors: outcome.errors ?? {},
    refuse: (errors) => setOutcome({ errors }),
    run: start(true),
    aside: start(false),
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Unreachable) return { banner: words.noConnection }
  if (!(error instanceof Refusal)) throw error
  if (error.status === 429) return { banner: words.tooMany }
  const [field] = Object.keys(error.fields)
  if (field !== undefined && FIELDS.has(field)) return { errors: { ...error.fields } }
  if (error.status >= 500 || error.message === '') return { banner: words.unexpected }
  return { banner: error.message }
}
