// The codes for the day the authenticator is lost, shown once and never again.
import { Button } from '../../ui/Button'
import { CopyButton } from '../../ui/CopyButton'
import { ask } from '../api'
import { onward, type ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { StepForm } from '../StepForm'
import { useStep } from '../useStep'
import { words } from '../words'

type Props = ScreenProps & { email: string; challenge: string; codes: readonly string[] }

export function RecoveryCodesScreen({ request, context, go, email, challenge, codes }: Props) {
  const step = useStep()
  const submit = () =>
    step.run(
      async () => go(onward(await ask('steps/recovery-codes', request, { challenge }), email)),
      (refusal) => {
        if (refusal.status === 410) go({ at: 'email', email, banner: words.stepEnded })
        return undefined
      },
    )
  return (
    <Sheet
      title={words.codesTitle}
      lead={words.codesLead}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={step.busy}
    >
      <ul class="codes" aria-label={words.codesLabel}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p class="secret">
        {words.copyCodes}
        <CopyButton text={codes.join('\n')} label={words.copyCodes} done={words.copied} />
      </p>
      <StepForm step={step} onSubmit={submit}>
        <Button busy={step.busy} blocked={step.wait > 0}>
          {words.codesKept}
        </Button>
      </StepForm>
    </Sheet>
  )
}
