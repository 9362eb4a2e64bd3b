// A password input that can be shown, and that tells when Caps Lock is on.
import { Eye, EyeOff } from 'lucide'
import type { InputHTMLAttributes } from 'preact'
import { useState } from 'preact/hooks'
import { Field, type FieldProps } from './Field'
import { Icon } from './Icon'

export interface PasswordWords {
  show: string
  hide: string
  capsLock: string
}

export function PasswordField({ words, input, below, ...rest }: FieldProps & { words: PasswordWords }) {
  const [shown, setShown] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const noticeCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState?.('CapsLock') ?? false)
  return (
    <Field
      {...rest}
      input={
        {
          ...input,
          type: shown ? 'text' : 'password',
          autocapitalize: 'none',
          autocorrect: 'off',
          spellcheck: false,
          onKeyDown: noticeCapsLock,
          onKeyUp: noticeCapsLock,
          onBlur: () => setCapsLock(false),
        } as InputHTMLAttributes<HTMLInputElement>
      }
      beside={
        <button
          class="in-field"
          type="button"
          aria-label={shown ? words.hide : words.show}
          aria-controls={rest.name}
          onClick={() => setShown(!shown)}
        >
          <Icon of={shown ? EyeOff : Eye} size={18} />
        </button>
      }
      below={
        <>
          <p class="caps" aria-live="polite">
            {capsLock ? words.capsLock : ''}
          </p>
          {below}
        </>
      }
    />
  )
}
