// Where the person is signed in: one browser ended, or all but this one.
import { useState } from 'preact/hooks'
import { Button } from '../../ui/Button'
import type { Device, Grant, SignIn } from '../api'
import { Ask } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { iconOf, Row, RowButton, Rows } from '../Rows'
import { ago } from '../when'
import { words } from '../words'
import { Devices } from './Devices'

type At = { is: 'rest' | 'others' } | { is: 'one'; signIn: SignIn }

interface Props extends SectionProps {
  signIns: SignIn[]
  grants: Grant[]
  devices: Device[]
  /** This browser was signed out. */
  left: () => void
}

export function SignIns({ signIns, grants, devices, left, ...given }: Props) {
  const { way, done } = given
  const [at, setAt] = useState<At>({ is: 'rest' })
  const rest = () => setAt({ is: 'rest' })
  const others = signIns.length > 1 || grants.length > 0 || devices.some((device) => !device.current)

  const end = async ({ id, agent, current }: SignIn) => {
    await way.ask('DELETE /self/sign-ins/{id}', undefined, id)
    rest()
    if (current) left()
    else done(words.signedOutOf(agent))
  }
  const endOthers = async () => {
    await way.ask('POST /self/sign-ins/end-others')
    rest()
    done(words.signedOutOthers)
  }

  return (
    <>
      <Card
        title={words.signIns}
        about={words.signInsAbout}
        actions={
          others && (
            <Button kind="line" type="button" onClick={() => setAt({ is: 'others' })}>
              {words.signOutOthers}
            </Button>
          )
        }
      >
        <Rows label={words.signIns}>
          {signIns.map((signIn) => (
            <Row
              key={signIn.id}
              icon={iconOf(signIn.agent)}
              title={signIn.agent}
              badge={signIn.current ? words.signInHere : undefined}
              about={words.signedInBy(ago(signIn.signedInAt), means(signIn.methods))}
              at={signIn.signedInAt}
            >
              <RowButton
                says={words.signOut}
                label={words.signOutOf(signIn.agent, ago(signIn.signedInAt))}
                onClick={() => setAt({ is: 'one', signIn })}
              />
            </Row>
          ))}
        </Rows>
        <Devices {...given} devices={devices} />
      </Card>
      {at.is === 'one' && (
        <Ask
          title={words.signOutSure(at.signIn.agent)}
          lead={at.signIn.current ? words.signOutHereMeans : words.signOutMeans}
          action={words.signOut}
          danger
          act={() => end(at.signIn)}
          onClose={rest}
        />
      )}
      {at.is === 'others' && (
        <Ask
          title={words.signOutOthersSure}
          lead={words.signOutOthersMeans}
          action={words.signOutOthers}
          danger
          act={endOthers}
          onClose={rest}
        />
      )}
    </>
  )
}

function means(methods: string[]): string {
  const named = methods.map((method) => words.methods[method]).filter((word) => word !== undefined)
  return [...new Set(named)].join(words.and)
}
