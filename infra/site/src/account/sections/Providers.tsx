// The providers elsewhere that sign the person in, and the end of their word.
import { Globe } from 'lucide'
import { useState } from 'preact/hooks'
import type { Provider } from '../api'
import { Ask } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { Row, RowButton, Rows } from '../Rows'
import { day } from '../when'
import { words } from '../words'

export function Providers({ way, fresh, done, providers }: SectionProps & { providers: Provider[] }) {
  const [removing, setRemoving] = useState<Provider | null>(null)
  if (providers.length === 0) return null
  const remove = async ({ id, displayName }: Provider) => {
    const gone = await fresh(() => way.ask('DELETE /self/identity-providers/{id}', undefined, id))
    if (gone === null) return
    setRemoving(null)
    done(words.providerRemoved(displayName))
  }
  return (
    <>
      <Card title={words.providers} about={words.providersAbout}>
        <Rows label={words.providers}>
          {providers.map((provider) => (
            <Row
              key={provider.id}
              icon={Globe}
              title={provider.displayName}
              about={provider.linkedAt === null ? words.providerLinkedOnce : words.providerLinked(day(provider.linkedAt))}
              at={provider.linkedAt}
            >
              <RowButton
                says={words.providerRemove}
                label={words.providerRemoveOf(provider.displayName)}
                onClick={() => setRemoving(provider)}
              />
            </Row>
          ))}
        </Rows>
      </Card>
      {removing && (
        <Ask
          title={words.providerRemoveSure(removing.displayName)}
          lead={words.providerRemoveMeans}
          action={words.providerRemove}
          danger
          act={() => remove(removing)}
          onClose={() => setRemoving(null)}
        />
      )}
    </>
  )
}
