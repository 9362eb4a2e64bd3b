// The form of one step: submits by script, speaks its banner, and leads to the first wrong field.
import { TriangleAlert } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../ui/Icon'
import type { Step } from './useStep'
import { words } from './words'

interface Props {
  step: Step
  onSubmit: (read: (name: string) => string) => void
  children: ComponentChildren
}

export function StepForm({ step, onSubmit, children }: Props) {
  const form = useRef<HTMLFormElement>(null)

  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [step.errors])

  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        onSubmit((name) => String(data.get(name) ?? ''))
      }}
    >
      <div class="banner" role="alert">
        {step.banner && (
          <p>
            <Icon of={TriangleAlert} />
            {step.banner}
          </p>
        )}
      </div>
      {step.wait > 0 && (
        <p class="wait" role="timer">
          {words.wait(step.wait)}
        </p>
      )}
      {children}
    </form>
  )
}

/** Enough to catch a slip; whether the address exists is for the platform to find out. */
export function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
}
