// The applications that stay signed in by themselves, and the end of that.
import { AppWindow } from 'lucide'
import { useState } from 'preact/hooks'
import type { Grant, SignIn } from '../api'
import { Ask } from '../Ask'
import { Card } from '../Card'
import type { SectionProps } from '../given'
import { Row, RowButton, Rows } from '../Rows'
import { ago } from '../when'
import { words } from '../words'

export function Grants({ way, done, grants, signIns }: SectionProps & { grants: Grant[]; signIns: SignIn[] }) {
  const [ending, setEnding] = useState<Grant | null>(null)
  if (grants.length === 0) return null
  const where = ({ signInId }: Grant) => signIns.find(({ id }) => id === signInId)?.agent ?? null
  const end = async ({ id, application }: Grant) => {
    await way.ask('DELETE /self/grants/{id}', undefined, id)
    setEnding(null)
    done(words.grantEnded(application.name))
  }
  return (
    <Card title={words.grants} about={words.grantsAbout}>
      <Rows label={words.grants}>
        {grants.map((grant) => (
          <Row
            key={grant.id}
            icon={AppWindow}
            title={grant.application.name}
            about={words.grantUsed(ago(grant.lastUsedAt), where(grant))}
            at={grant.lastUsedAt}
          >
            <RowButton
              says={words.grantEnd}
              label={words.grantEndOf(grant.application.name)}
              onClick={() => setEnding(grant)}
            />
          </Row>
        ))}
      </Rows>
      {ending && (
        <Ask
          title={words.grantEndSure(ending.application.name)}
          lead={words.grantEndMeans}
          action={words.signOut}
          danger
          act={() => end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </Card>
  )
}
