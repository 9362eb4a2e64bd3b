// The authenticator and its recovery codes: set up, replaced, taken away.
import { useState } from 'preact/hooks'
import { Button } from '../../ui/Button'
import type { Factors, Setup } from '../api'
import { Ask } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { day } from '../when'
import { words } from '../words'
import { SetUp } from './SetUp'
import { Shown } from './Shown'

type At = { is: 'rest' | 'removing' | 'renewing' } | { is: 'setup'; setup: Setup } | { is: 'shown'; codes: string[] }

export function TwoStep({ factors, ...given }: SectionProps & { factors: Factors }) {
  const { way, fresh, done } = given
  const [at, setAt] = useState<At>({ is: 'rest' })
  const [banner, setBanner] = useState('')
  const [busy, setBusy] = useState(false)
  const rest = () => setAt({ is: 'rest' })

  const begin = () => {
    setBusy(true)
    setBanner('')
    fresh(() => way.ask('POST /self/totp'))
      .then(
        (setup) => setup && setAt({ is: 'setup', setup }),
        () => setBanner(words.unexpected),
      )
      .finally(() => setBusy(false))
  }
  const remove = async () => {
    if ((await fresh(() => way.ask('DELETE /self/totp'))) === null) return
    rest()
    done(words.twoStepGone)
  }
  const renew = async () => {
    const answer = await fresh(() => way.ask('POST /self/recovery-codes'))
    if (answer !== null) setAt({ is: 'shown', codes: answer.recoveryCodes })
  }

  const { totp } = factors
  return (
    <>
      <Card
        title={words.twoStep}
        state={<span class={totp ? 'badge good' : 'badge'}>{totp ? words.on : words.off}</span>}
        about={totp ? words.twoStepOn(day(totp.createdAt)) : words.twoStepOff}
        actions={
          totp ? (
            <Button kind="line" type="button" onClick={() => setAt({ is: 'removing' })}>
              {words.turnOff}
            </Button>
          ) : (
            <Button type="button" busy={busy} onClick={begin}>
              {words.setUp}
            </Button>
          )
        }
      >
        <p class="error" role="alert">
          {banner}
        </p>
      </Card>
      {totp && (
        <Card
          title={words.recovery}
          about={words.recoveryLeft(factors.recoveryCodesLeft)}
          actions={
            <Button kind="line" type="button" onClick={() => setAt({ is: 'renewing' })}>
              {words.recoveryNew}
            </Button>
          }
        />
      )}
      {at.is === 'setup' && (
        <SetUp
          {...given}
          setup={at.setup}
          taken={(codes) => setAt({ is: 'shown', codes })}
          ended={() => {
            rest()
            setBanner(words.setupEnded)
          }}
          onClose={rest}
        />
      )}
      {at.is === 'removing' && (
        <Ask
          title={words.turnOffSure}
          lead={words.turnOffMeans}
          action={words.turnOff}
          danger
          act={remove}
          onClose={rest}
        />
      )}
      {at.is === 'renewing' && (
        <Ask
          title={words.recoverySure}
          lead={words.recoveryMeans}
          action={words.recoveryReplace}
          act={renew}
          onClose={rest}
        />
      )}
      {at.is === 'shown' && (
        <Shown
          codes={at.codes}
          onKept={() => {
            rest()
            done(words.changed)
          }}
        />
      )}
    </>
  )
}
