// The browsers that are known as the person's: folded away, as most people need not look.
import { useStep } from '../../login/useStep'
import type { Device } from '../api'
import type { SectionProps } from '../given'
import { iconOf, Row, RowButton, Rows } from '../Rows'
import { ago } from '../when'
import { words } from '../words'

export function Devices({ way, done, devices }: SectionProps & { devices: Device[] }) {
  const step = useStep()
  if (devices.length === 0) return null
  const forget = async ({ id, agent }: Device) => {
    await way.ask('DELETE /self/devices/{id}', undefined, id)
    done(words.deviceForgotten(agent))
  }
  const name = words.devices(devices.length)
  return (
    <details class="devices">
      <summary>{name}</summary>
      <p class="about">{words.devicesAbout}</p>
      <p class="error" role="alert">
        {step.banner}
      </p>
      <Rows label={name}>
        {devices.map((device) => (
          <Row
            key={device.id}
            icon={iconOf(device.agent)}
            title={device.agent}
            badge={device.current ? words.signInHere : undefined}
            about={words.deviceSeen(ago(device.signedInAt))}
            at={device.signedInAt}
          >
            <RowButton
              says={words.deviceForget}
              label={words.deviceForgetOf(device.agent, ago(device.signedInAt))}
              onClick={() => step.run(() => forget(device))}
            />
          </Row>
        ))}
      </Rows>
    </details>
  )
}
