// A fresh proof of who it is, by what the person has: a password, a passkey, or else another sign-in.
import { useEffect, useState } from 'preact/hooks'
import { HiddenUsername } from '../login/HiddenUsername'
import { StepForm } from '../login/StepForm'
import { useStep } from '../login/useStep'
import { able } from '../talk/ceremonies'
import type { Refusal } from '../talk/exchange'
import { TextButton } from '../ui/Button'
import { CodeField } from '../ui/CodeField'
import { Dialog } from '../ui/Dialog'
import { Field } from '../ui/Field'
import { PasswordField } from '../ui/PasswordField'
import type { Factors, Passkey, Self, Way } from './api'
import { Choice } from './Ask'
import { words } from './words'

export type Fresh = <T>(work: () => Promise<T>) => Promise<T | null>

interface Props {
  way: Way
  known: { self: Self; factors: Factors; passkeys: Passkey[] }
  settle: (proven: boolean) => void
  /** Leave for the login, which comes back here. */
  again: () => void
}

export function Prove({ way, known, settle, again }: Props) {
  const { password } = known.factors
  const passkey = able && known.passkeys.length > 0
  const step = useStep()
  const [challenge, setChallenge] = useState('')
  const [lost, setLost] = useState(false)
  const [round, setRound] = useState(0)

  // The dialog stays open while its field changes, so nothing else moves the focus.
  useEffect(() => {
    if (lost) document.getElementById('proof-code')?.focus()
  }, [lost])

  const submit = (read: (name: string) => string) => {
    if (!password) {
      if (passkey) show()
      else again()
      return
    }
    if (challenge === '') {
      const typed = read('proof')
      if (typed === '') step.refuse({ proof: words.passwordNeeded })
      else step.run(() => first(typed), refused)
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
  const show = () =>
    step.run(
      async () => {
        await way.provePasskey()
        settle(true)
      },
      (refusal) => {
        if (refusal.status === 410) return { banner: words.passkeyLate }
        return refusal.code === 'signin_refused' ? { banner: words.passkeyUnfit } : undefined
      },
      words.passkeyUnshown,
    )
  const first = async (typed: string) => {
    const second = await way.prove(typed)
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
  const lead = () => {
    if (challenge !== '') return lost ? words.proveRecovery : words.proveCode
    if (password) return words.proveWhy
    return passkey ? words.provePasskey : words.proveAgain
  }
  const swap = () => {
    setLost(!lost)
    step.refuse({})
  }

  return (
    <Dialog
      title={words.prove}
      lead={lead()}
      busy={step.busy}
      onCancel={() => settle(false)}
    >
      <StepForm step={step} onSubmit={submit}>
        {!password ? null : challenge === '' ? (
          <>
            <HiddenUsername email={known.self.email} />
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
        {challenge !== '' ? (
          <p class="switch">
            <TextButton onClick={swap}>{lost ? words.useApp : words.useRecovery}</TextButton>
          </p>
        ) : (
          passkey && (
            <p class="switch">
              {password ? (
                <TextButton onClick={show}>{words.usePasskey}</TextButton>
              ) : (
                <TextButton onClick={again}>{words.signInAgain}</TextButton>
              )}
            </p>
          )
        )}
        <Choice
          action={password ? words.proveButton : passkey ? words.usePasskey : words.signInAgain}
          busy={step.busy}
          blocked={step.wait > 0}
          first={!password}
          onClose={() => settle(false)}
        />
      </StepForm>
    </Dialog>
  )
}
