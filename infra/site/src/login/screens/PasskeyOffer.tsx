// Before the last step: a passkey for the next time, or not now.
import { makePasskey } from '../../talk/ceremonies'
import { Button } from '../../ui/Button'
import { ask, type Refusal } from '../api'
import { askLater, rememberUsed } from '../remembered'
import { first, onward, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { email: string; offer: string }

export function PasskeyOfferScreen({ request, context, go, email, offer }: Props) {
  const step = useStep()
  const make = () =>
    step.run(
      async () => {
        const made = await makePasskey(await ask('steps/passkey/options', request, { offer }))
        const found = await ask('steps/passkey', request, { offer, ...made })
        rememberUsed(context.workspace.name, 'passkey')
        go(onward(found, email))
      },
      refused,
      words.passkeyUnmade,
    )
  const skip = () =>
    step.run(async () => {
      const found = await ask('steps/passkey/skip', request, { offer })
      askLater()
      go(onward(found, email))
    }, refused)
  const refused = (refusal: Refusal) => {
    if (refusal.status === 410) go({ at: 'email', email, banner: words.stepEnded })
    return refusal.code === 'signin_refused' || refusal.code === 'duplicate' ? { banner: words.passkeyRefused } : undefined
  }
  return (
    <Sheet
      title={words.offerTitle}
      lead={words.offerLead}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <StepForm step={step} onSubmit={make}>
        <Button busy={step.busy} blocked={step.wait > 0} {...first}>
          {words.makePasskey}
        </Button>
        <Button kind="line" type="button" blocked={step.busy} onClick={skip}>
          {words.notNow}
        </Button>
      </StepForm>
    </Sheet>
  )
}
