// Another password, by who knows the present one.
import { useState } from 'preact/hooks'
import { HiddenUsername } from '../../login/HiddenUsername'
import { NewPassword, wrongPassword } from '../../login/NewPassword'
import { StepForm } from '../../login/StepForm'
import { useStep } from '../../login/useStep'
import type { Refusal } from '../../talk/exchange'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { PasswordField } from '../../ui/PasswordField'
import type { Factors, Self } from '../api'
import { Choice } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { words } from '../words'

type Props = SectionProps & { self: Self; factors: Factors }

export function Password({ factors, self, ...given }: Props) {
  const [open, setOpen] = useState(false)
  const change = (
    <Button kind="line" type="button" onClick={() => setOpen(true)}>
      {words.changePassword}
    </Button>
  )
  return (
    <Card
      title={words.password}
      about={factors.password ? words.passwordAbout : words.noPassword}
      actions={factors.password && change}
    >
      {open && <AnotherPassword {...given} email={self.email} onClose={() => setOpen(false)} />}
    </Card>
  )
}

interface ChangeProps extends SectionProps {
  email: string
  onClose: () => void
}

function AnotherPassword({ way, fresh, done, email, onClose }: ChangeProps) {
  const step = useStep()
  const submit = (read: (name: string) => string) => {
    const present = read('present')
    const wrong = wrongPassword(read('password'))
    if (present === '') step.refuse({ present: words.passwordNeeded, ...wrong })
    else if (wrong.password !== undefined) step.refuse(wrong)
    else step.run(() => change(present, read('password')), refused)
  }
  const change = async (password: string, newPassword: string) => {
    const answer = await fresh(() => way.ask('POST /self/password', { password, newPassword }))
    if (answer === null) return
    onClose()
    done(words.passwordChanged)
  }
  const refused = (refusal: Refusal) => {
    if (refusal.code === 'signin_refused') return { errors: { present: words.passwordWrong(refusal.triesLeft) } }
    const fault = refusal.fields.newPassword
    return fault === undefined ? undefined : { errors: { password: fault } }
  }
  return (
    <Dialog title={words.changePassword} busy={step.busy} onCancel={onClose}>
      <StepForm step={step} onSubmit={submit}>
        <HiddenUsername email={email} />
        <PasswordField
          name="present"
          label={words.presentPassword}
          error={step.errors.present}
          words={{ show: words.showPassword, hide: words.hidePassword, capsLock: words.capsLock }}
          input={{ autocomplete: 'current-password', 'data-first': '' } as object}
        />
        <NewPassword label={words.newPassword} error={step.errors.password} />
        <Choice action={words.changePassword} busy={step.busy} blocked={step.wait > 0} onClose={onClose} />
      </StepForm>
    </Dialog>
  )
}
