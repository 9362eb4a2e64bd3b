// A one-time code: one real input, drawn as six cells, that leads on when it is full.
import { useEffect, useRef, useState } from 'preact/hooks'

const CELLS = [0, 1, 2, 3, 4, 5]

interface Props {
  /** Where two of them may be on a page. */
  name?: string
  label: string
  error?: string | undefined
  /** A higher number empties the cells for another try. */
  round: number
  /** The field that comes next; without one, the form is sent when the cells are full. */
  next?: string
}

export function CodeField({ name = 'code', label, error, round, next }: Props) {
  const [digits, setDigits] = useState('')
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    setDigits('')
    input.current?.focus()
  }, [round])
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <div class="code">
        <input
          id={name}
          ref={input}
          data-first=""
          name={name}
          type="text"
          inputMode="numeric"
          autocomplete="one-time-code"
          spellcheck={false}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={`${name}-error`}
          value={digits}
          onInput={(event) => {
            const field = event.currentTarget
            // The field is written at once: whoever reads the form must not wait for a render.
            field.value = field.value.replace(/\D/g, '').slice(0, CELLS.length)
            setDigits(field.value)
            if (field.value.length !== CELLS.length) return
            if (next === undefined) field.form?.requestSubmit()
            else field.form?.querySelector<HTMLElement>(`#${next}`)?.focus()
          }}
        />
        {CELLS.map((cell) => (
          <span key={cell} class={cell === digits.length ? 'cell next' : 'cell'} aria-hidden="true">
            {digits[cell]}
          </span>
        ))}
      </div>
      <p class="error" id={`${name}-error`} aria-live="assertive">
        {error}
      </p>
    </div>
  )
}
