// The link of an invite: what it is to, and the way to the application where the account is made.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { paint } from '../../ui/AppTile'
import { Button } from '../../ui/Button'
import { blocksCookies } from '../../talk/cookies'
import { exchange } from '../../talk/exchange'
import { Refusal } from '../api'
import { first } from '../screen'
import { Sheet } from '../Sheet'
import { words } from '../words'
import { OpeningScreen } from './Leaving'
import { CookiesScreen, TroubleScreen } from './Trouble'

interface Welcome {
  workspace: { name: string }
  application: { appId: string; name: string; color: string | null } | null
  email: string
  /** Where the application's own sign-in begins, when that is known. */
  startAt: string | null
}

export function Invitation({ workspaceName, invite }: { workspaceName: string; invite: string }) {
  const [welcome, setWelcome] = useState<Welcome | null>(null)
  const [trouble, setTrouble] = useState<unknown>(null)
  const open = () => {
    setTrouble(null)
    exchange('POST', '/api/v1/login/invite', { 'X-SecureFlows': '1' }, { workspaceName, invite }).then((found) => {
      const { application } = found as Welcome
      if (application) paint(application.appId, application.color)
      setWelcome(found as Welcome)
    }, setTrouble)
  }
  const blocked = useMemo(blocksCookies, [])
  useEffect(() => {
    if (!blocked) open()
  }, [])

  if (blocked) return <CookiesScreen />
  if (trouble instanceof Refusal && trouble.status === 410) return <Sheet title={words.inviteOver} lead={words.inviteOverLead} />
  if (trouble) return <TroubleScreen refusal={trouble instanceof Refusal ? trouble : null} retry={open} />
  if (!welcome) return <OpeningScreen />
  const { application, email, startAt } = welcome
  const place = application?.name ?? welcome.workspace.name
  return (
    <Sheet
      title={words.invitedTo(place)}
      lead={
        <>
          {words.invitedAs} <b>{email}</b>.
        </>
      }
      tile={place}
      {...(startAt && { returnTo: new URL(startAt).host })}
    >
      <form>
        <Button type="button" onClick={() => leave(startAt ?? homeOf(workspaceName))} {...first}>
          {startAt ? words.openApplication(place) : words.createTitle}
        </Button>
      </form>
      {!startAt && <p class="advice">{words.thenSignIn(place)}</p>}
    </Sheet>
  )
}

/** Where no application begins a sign-in, the account is made at its person's own page. */
function homeOf(workspace: string): string {
  return `/app/sessions/login?${new URLSearchParams({ workspace_name: workspace, client_id: 'dashboard' })}`
}

/** Whatever the platform answered, this page runs no code from an address. */
function leave(address: string): void {
  if (/^https?:$/.test(new URL(address, location.href).protocol)) location.assign(address)
}
