// The returning person: one button, or another account.
import { Button } from '../../ui/Button'
import { ask } from '../api'
import { first, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

export function ContinueScreen({ request, context, go }: ScreenProps) {
  const step = useStep()
  const name = context.person?.name ?? context.person?.email ?? ''
  const email = context.person?.email ?? ''
  const submit = () =>
    step.run(async () => {
      try {
        go({ at: 'leaving', ...(await ask('continue', request)) })
      } catch (error) {
        if ((error as { status?: number }).status !== 401) throw error
        go({ at: 'email', email, banner: words.endedEarlier })
      }
    })
  return (
    <Sheet
      title={words.continueTo(context.application.name)}
      lead={words.signedInAs}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <div class="person">
        <span class="avatar" aria-hidden="true">
          {initials(name)}
        </span>
        <p>
          <b>{name}</b>
          {email !== name && <span>{email}</span>}
        </p>
      </div>
      <StepForm step={step} onSubmit={submit}>
        <Button busy={step.busy} blocked={step.wait > 0} {...first}>
          {words.continueAs(name)}
        </Button>
        <Button kind="line" type="button" onClick={() => go({ at: 'email', email: '' })}>
          {words.anotherAccount}
        </Button>
      </StepForm>
    </Sheet>
  )
}

function initials(name: string): string {
  const parts = name.split(/[\s@.]+/).filter(Boolean)
  return parts
    .slice(0, name.includes('@') ? 1 : 2)
    .map((part) => [...part][0]?.toUpperCase())
    .join('')
}
