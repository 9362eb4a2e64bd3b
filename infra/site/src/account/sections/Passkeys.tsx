// The person's passkeys: made in this browser, named, taken away.
import { KeyRound } from 'lucide'
import { useState } from 'preact/hooks'
import { StepForm } from '../../login/StepForm'
import { useStep } from '../../login/useStep'
import { able, makePasskey } from '../../talk/ceremonies'
import type { Refusal } from '../../talk/exchange'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { Field } from '../../ui/Field'
import type { Passkey } from '../api'
import { Ask, Choice } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { Row, RowButton, Rows } from '../Rows'
import { ago, day } from '../when'
import { words } from '../words'

type At = { is: 'rest' } | { is: 'naming' | 'removing'; passkey: Passkey }

export function Passkeys({ passkeys, ...given }: SectionProps & { passkeys: Passkey[] }) {
  const { way, fresh, done } = given
  const [at, setAt] = useState<At>({ is: 'rest' })
  const step = useStep()
  const rest = () => setAt({ is: 'rest' })

  const add = async () => {
    const asked = await fresh(() => way.ask('POST /self/passkeys/options'))
    if (asked === null) return
    const made = await makePasskey(asked)
    if ((await fresh(() => way.ask('POST /self/passkeys', made))) !== null) done(words.passkeyAdded)
  }
  const remove = async ({ id }: Passkey) => {
    if ((await fresh(() => way.ask('DELETE /self/passkeys/{id}', undefined, id))) === null) return
    rest()
    done(words.passkeyRemoved)
  }

  return (
    <>
      <Card
        title={words.passkeys}
        about={able ? words.passkeysAbout : words.passkeysUnable}
        actions={
          able && (
            <Button
              kind="line"
              type="button"
              busy={step.busy}
              onClick={() => step.run(add, refused, words.passkeyUnmade)}
            >
              {words.passkeyAdd}
            </Button>
          )
        }
      >
        <p class="error" role="alert">
          {step.banner}
        </p>
        {passkeys.length > 0 && (
          <Rows label={words.passkeys}>
            {passkeys.map((passkey) => (
              <Row
                key={passkey.id}
                icon={KeyRound}
                title={passkey.name}
                about={story(passkey)}
                at={passkey.lastUsedAt ?? passkey.createdAt}
              >
                <RowButton
                  says={words.passkeyRename}
                  label={words.passkeyRenameOf(passkey.name)}
                  onClick={() => setAt({ is: 'naming', passkey })}
                />
                <RowButton
                  says={words.passkeyRemove}
                  label={words.passkeyRemoveOf(passkey.name)}
                  onClick={() => setAt({ is: 'removing', passkey })}
                />
              </Row>
            ))}
          </Rows>
        )}
      </Card>
      {at.is === 'naming' && <Rename {...given} passkey={at.passkey} onClose={rest} />}
      {at.is === 'removing' && (
        <Ask
          title={words.passkeyRemoveSure(at.passkey.name)}
          lead={words.passkeyRemoveMeans}
          action={words.passkeyRemove}
          danger
          act={() => remove(at.passkey)}
          onClose={rest}
        />
      )}
    </>
  )
}

function Rename({ way, done, passkey, onClose }: SectionProps & { passkey: Passkey; onClose: () => void }) {
  const step = useStep()
  const submit = (read: (name: string) => string) => {
    const name = read('name').trim()
    if (name === '') step.refuse({ name: words.passkeyNameNeeded })
    else step.run(() => rename(name))
  }
  const rename = async (name: string) => {
    await way.ask('PATCH /self/passkeys/{id}', { name }, passkey.id)
    onClose()
    done(words.passkeyRenamed)
  }
  return (
    <Dialog title={words.passkeyRenameOf(passkey.name)} busy={step.busy} onCancel={onClose}>
      <StepForm step={step} onSubmit={submit}>
        <Field
          name="name"
          label={words.passkeyName}
          error={step.errors.name}
          input={{ type: 'text', autocomplete: 'off', maxLength: 60, defaultValue: passkey.name, 'data-first': '' } as object}
        />
        <Choice action={words.passkeySave} busy={step.busy} blocked={step.wait > 0} onClose={onClose} />
      </StepForm>
    </Dialog>
  )
}

function refused(refusal: Refusal) {
  if (refusal.status === 410) return { banner: words.passkeyLate }
  if (refusal.code === 'duplicate') return { banner: words.passkeyKnown }
  return refusal.code === 'signin_refused' ? { banner: words.passkeyRefused } : undefined
}

function story({ createdAt, lastUsedAt, synced }: Passkey): string {
  const used = lastUsedAt === null ? words.passkeyUnused : words.passkeyUsed(ago(lastUsedAt))
  return [words.passkeyMade(day(createdAt)), used, ...(synced ? [words.passkeySynced] : [])].join(words.dot)
}
