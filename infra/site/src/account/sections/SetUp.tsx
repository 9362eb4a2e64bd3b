// Setting up an authenticator: scanned or typed, and in use when its code was typed back.
import { useState } from 'preact/hooks'
import { StepForm } from '../../login/StepForm'
import { useStep } from '../../login/useStep'
import type { Refusal } from '../../talk/exchange'
import { CodeField } from '../../ui/CodeField'
import { CopyButton } from '../../ui/CopyButton'
import { Dialog } from '../../ui/Dialog'
import { QrCode } from '../../ui/QrCode'
import type { Setup } from '../api'
import { Choice } from '../Ask'
import type { SectionProps } from '../given'
import { words } from '../words'

interface Props extends SectionProps {
  setup: Setup
  taken: (codes: string[]) => void
  ended: () => void
  onClose: () => void
}

export function SetUp({ way, fresh, setup, taken, ended, onClose }: Props) {
  const step = useStep()
  const [round, setRound] = useState(0)
  const submit = (read: (name: string) => string) => {
    const code = read('code')
    if (code.length !== 6) step.refuse({ code: words.codeNeeded })
    else step.run(() => confirm(code), refused)
  }
  const confirm = async (code: string) => {
    const { challenge } = setup
    const answer = await fresh(() => way.ask('POST /self/totp/confirm', { challenge, code }))
    if (answer !== null) taken(answer.recoveryCodes)
  }
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410) ended()
    if (refusal.code !== 'signin_refused') return undefined
    setRound((last) => last + 1)
    return { errors: { code: words.codeWrong(refusal.triesLeft) } }
  }
  return (
    <Dialog title={words.twoStep} lead={words.scan} busy={step.busy} onCancel={onClose}>
      <QrCode {...setup.qr} label={words.qr} />
      <p class="key">
        {words.typeInstead}
        <span>
          <code>{(setup.secret.match(/.{1,4}/g) ?? []).join(' ')}</code>
          <CopyButton text={setup.secret} label={words.copyKey} done={words.copied} />
        </span>
      </p>
      <StepForm step={step} onSubmit={submit}>
        <CodeField label={words.codeLabel} error={step.errors.code} round={round} />
        <Choice action={words.turnOn} busy={step.busy} blocked={step.wait > 0} onClose={onClose} />
      </StepForm>
    </Dialog>
  )
}
