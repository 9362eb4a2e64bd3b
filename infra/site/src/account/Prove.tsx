// A fresh proof of who it is: the password, and the second factor where there is one.
import { useEffect, useState } from 'preact/hooks'
import { HiddenUsername } from '../login/HiddenUsername'
import { StepForm } from '../login/StepForm'
import { useStep } from '../login/useStep'
import type { Refusal } from '../talk/exchange'
import { TextButton } from '../ui/Button'
import { CodeField } from '../ui/CodeField'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { PasswordField } from '../ui/PasswordField'
import type { Way } from './api'
import { Choice } from './Ask'
import { words } from './words'

export type Fresh = <T>(work: () => Promise<T>) => Promise<T | null>

interface Props {
  way: Way
  email: string
  settle: (proven: boolean) => void
}

export function Prove({ way, email, settle }: Props) {
  const step = useStep()
  const [challenge, setChallenge] = useState('')
  const [lost, setLost] = useState(false)
  const [round, setRound] = useState(0)

  // The dialog stays open while its field changes, so nothing else moves the focus.
  useEffect(() => {
    if (lost) document.getElementById('proof-code')?.focus()
  }, [lost])

  const submit = (read: (name: string) => string) => {
    if (challenge === '') {
      const password = read('proof')
      if (password === '') step.refuse({ proof: words.passwordNeeded })
      else step.run(() => first(password), refused)
      return
    }
    const code = read('proof-code').trim()
    if (lost ? code === '' : code.length !== 6) {
      step.refuse({ code: lost ? words.recoveryNeeded : words.codeNeeded })
      return
    }
    step.run(async () => {
      await way.proveSecond(lost ? 'recovery' : 'totp', challenge, code)
      settle(true)
    }, refused)
  }
  const first = async (password: string) => {
    const second = await way.prove(password)
    if (second === null) settle(true)
    else setChallenge(second.step.challenge)
  }
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410) {
      setChallenge('')
      return { banner: words.proveEnded }
    }
    if (refusal.code !== 'signin_refused') return undefined
    if (challenge === '') return { errors: { proof: words.passwordWrong(refusal.triesLeft) } }
    setRound((last) => last + 1)
    return { errors: { code: words.codeWrong(refusal.triesLeft) } }
  }
  const swap = () => {
    setLost(!lost)
    step.refuse({})
  }

  return (
    <Dialog
      title={words.prove}
      lead={challenge === '' ? words.proveWhy : lost ? words.proveRecovery : words.proveCode}
      busy={step.busy}
      onCancel={() => settle(false)}
    >
      <StepForm step={step} onSubmit={submit}>
        {challenge === '' ? (
          <>
            <HiddenUsername email={email} />
            <PasswordField
              name="proof"
              label={words.password}
              error={step.errors.proof}
              words={{ show: words.showPassword, hide: words.hidePassword, capsLock: words.capsLock }}
              input={{ autocomplete: 'current-password', 'data-first': '' } as object}
            />
          </>
        ) : lost ? (
          <Field
            name="proof-code"
            label={words.recoveryCode}
            error={step.errors.code}
            input={{ type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: false, maxLength: 32 }}
          />
        ) : (
          <CodeField name="proof-code" label={words.codeLabel} error={step.errors.code} round={round} />
        )}
        {challenge !== '' && (
          <p class="switch">
            <TextButton onClick={swap}>{lost ? words.useApp : words.useRecovery}</TextButton>
          </p>
        )}
        <Choice action={words.proveButton} busy={step.busy} blocked={step.wait > 0} onClose={() => settle(false)} />
      </StepForm>
    </Dialog>
  )
}
