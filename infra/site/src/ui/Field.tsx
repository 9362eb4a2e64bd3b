// A labelled input with its hint and an error region that exists before the error does.
import type { ComponentChildren, InputHTMLAttributes } from 'preact'

export interface FieldProps {
  name: string
  label: string
  note?: string
  error?: string | undefined
  input?: InputHTMLAttributes<HTMLInputElement>
  beside?: ComponentChildren
  below?: ComponentChildren
}

export function Field({ name, label, note, error, input, beside, below }: FieldProps) {
  const described = [error ? `${name}-error` : '', below ? `${name}-below` : ''].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={name}>
        {label}
        {note && <span class="note"> {note}</span>}
      </label>
      <div class={beside ? 'input with-button' : 'input'}>
        <input
          {...input}
          id={name}
          name={name}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={described || undefined}
        />
        {beside}
      </div>
      <p class="error" id={`${name}-error`} aria-live="polite">
        {error}
      </p>
      {below && (
        <div class="below" id={`${name}-below`}>
          {below}
        </div>
      )}
    </div>
  )
}
