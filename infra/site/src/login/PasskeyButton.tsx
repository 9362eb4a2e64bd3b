// The way in with a passkey: a button below the form, with a mark where it was the last way taken.
import { KeyRound } from 'lucide'
import { able } from '../talk/ceremonies'
import { Button } from '../ui/Button'
import { Icon } from '../ui/Icon'
import { ask } from './api'
import { showPasskey } from './passkey'
import { lastUsed, rememberUsed } from './remembered'
import { onward, type ScreenProps } from './screen'
import type { Step } from './useStep'
import { words } from './words'

type Props = ScreenProps & { step: Step; email: string }

export function PasskeyButton({ request, context, go, step, email }: Props) {
  if (!able) return null
  const name = context.workspace.name
  return (
    <>
      <p class="or" aria-hidden="true">
        {words.or}
      </p>
      <Button
        kind="line"
        type="button"
        blocked={step.busy}
        onClick={() => enterByPasskey({ request, context, go, step, email }, false)}
      >
        <Icon of={KeyRound} />
        {words.usePasskey}
        {lastUsed(name) === 'passkey' && <span class="tag">{words.lastUsed}</span>}
      </Button>
    </>
  )
}

/** Shows a passkey and goes on with it; what waited in the autofill is quiet when nothing comes of it. */
export function enterByPasskey({ request, context, go, step, email }: Props, waits: boolean) {
  const shown = showPasskey(request, waits)
  const enter = () =>
    step.aside(
      async () => {
        const found = await ask('passkey', request, await shown)
        rememberUsed(context.workspace.name, 'passkey')
        go(onward(found, email))
      },
      (refusal) => {
        if (refusal.status === 410) return { banner: words.passkeyLate }
        return refusal.code === 'signin_refused' ? { banner: words.passkeyUnfit } : undefined
      },
      words.passkeyUnused,
    )
  if (waits) shown.then(enter, () => undefined)
  else enter()
}
