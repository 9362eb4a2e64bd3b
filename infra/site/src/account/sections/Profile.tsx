// Name and address; another address counts when its code was typed.
import { useState } from 'preact/hooks'
import { looksLikeEmail, StepForm } from '../../login/StepForm'
import { useStep } from '../../login/useStep'
import type { Refusal } from '../../talk/exchange'
import { Button } from '../../ui/Button'
import { CodeField } from '../../ui/CodeField'
import { Dialog } from '../../ui/Dialog'
import { Field } from '../../ui/Field'
import type { Self } from '../api'
import { Choice } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { words } from '../words'

type Props = SectionProps & { self: Self }

export function Profile({ self, ...given }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <Card
      title={words.profile}
      actions={
        <Button kind="line" type="button" onClick={() => setOpen(true)}>
          {words.changeEmail}
        </Button>
      }
    >
      <dl class="facts">
        <dt>{words.profileName}</dt>
        <dd>{self.name ?? words.noName}</dd>
        <dt>{words.email}</dt>
        <dd>{self.email}</dd>
      </dl>
      {open && <AnotherAddress {...given} onClose={() => setOpen(false)} />}
    </Card>
  )
}

function AnotherAddress({ way, fresh, done, onClose }: SectionProps & { onClose: () => void }) {
  const step = useStep()
  const [asked, setAsked] = useState({ challenge: '', email: '' })
  const [round, setRound] = useState(0)
  const isAsked = asked.challenge !== ''

  const submit = (read: (name: string) => string) => {
    if (isAsked) {
      const code = read('code')
      if (code.length !== 6) step.refuse({ code: words.codeNeeded })
      else step.run(() => confirm(code), refused)
      return
    }
    const email = read('email').trim()
    if (!looksLikeEmail(email)) step.refuse({ email: words.emailNeeded })
    else step.run(() => begin(email))
  }
  const begin = async (email: string) => {
    const answer = await fresh(() => way.ask('POST /self/email', { email }))
    if (answer !== null) setAsked(answer)
  }
  const confirm = async (code: string) => {
    const { challenge } = asked
    const answer = await fresh(() => way.ask('POST /self/email/confirm', { challenge, code }))
    if (answer === null) return
    onClose()
    done(words.emailChanged)
  }
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410) {
      setAsked({ challenge: '', email: '' })
      return { banner: words.codeEnded }
    }
    if (refusal.code !== 'signin_refused') return undefined
    setRound((last) => last + 1)
    return { errors: { code: words.codeWrong(refusal.triesLeft) } }
  }

  return (
    <Dialog
      title={words.changeEmail}
      lead={
        isAsked && (
          <>
            {words.codeSent} <b>{asked.email}</b>.
          </>
        )
      }
      busy={step.busy}
      onCancel={onClose}
    >
      <StepForm step={step} onSubmit={submit}>
        {isAsked ? (
          <CodeField label={words.codeLabel} error={step.errors.code} round={round} />
        ) : (
          <Field
            name="email"
            label={words.newEmail}
            error={step.errors.email}
            input={{ type: 'email', autocomplete: 'email', 'data-first': '' } as object}
          />
        )}
        <Choice
          action={isAsked ? words.confirmEmail : words.sendCode}
          busy={step.busy}
          blocked={step.wait > 0}
          onClose={onClose}
        />
      </StepForm>
    </Dialog>
  )
}
