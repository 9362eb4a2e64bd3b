// A password to be: asked to be long, and told how long it is.
import { useState } from 'preact/hooks'
import { LengthLine } from '../ui/LengthLine'
import { PasswordField } from '../ui/PasswordField'
import { LEAST, MOST, words } from './words'

export function NewPassword({ label, error }: { label: string; error: string | undefined }) {
  const [length, setLength] = useState(0)
  return (
    <PasswordField
      name="password"
      label={label}
      error={error}
      words={{ show: words.showPassword, hide: words.hidePassword, capsLock: words.capsLock }}
      input={{
        autocomplete: 'new-password',
        required: true,
        onInput: (event) => setLength([...event.currentTarget.value].length),
      }}
      below={<LengthLine length={length} least={LEAST} text={rule(length)} />}
    />
  )
}

/** The sentence beside a password that the platform would refuse for its length. */
export function wrongPassword(password: string): Record<string, string> {
  const { length } = [...password]
  if (length < LEAST) return { password: words.newPasswordTooShort }
  return length > MOST ? { password: words.newPasswordTooLong } : {}
}

function rule(length: number): string {
  if (length === 0) return words.newPasswordRule
  return length < LEAST ? words.newPasswordShort(length) : words.newPasswordLong(length)
}
