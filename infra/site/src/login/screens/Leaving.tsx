// Before the first answer and after the last one.
import { useEffect, useState } from 'preact/hooks'
import type { Screen, ScreenProps } from '../screen'
import { Sheet } from '../Sheet'
import { words } from '../words'
import { RefusedScreen } from './Trouble'

type Props = ScreenProps & { screen: Extract<Screen, { at: 'leaving' }> }

/** Replaces this page, so that Back does not return to a used form. */
export function LeavingScreen({ context, screen: { redirectTo } }: Props) {
  const [late, setLate] = useState(false)
  const safe = leadsAway(redirectTo)
  useEffect(() => {
    if (!safe) return undefined
    location.replace(redirectTo)
    // An address with a scheme of its own opens an application and leaves this page standing.
    const timer = setTimeout(() => setLate(true), 3000)
    return () => clearTimeout(timer)
  }, [])
  if (!safe) return <RefusedScreen code="invalid_request" />
  return (
    <Sheet
      title={words.leaving}
      lead={words.returning(context.returnTo)}
      tile={context.application.name}
      returnTo={context.returnTo}
      busy={!late}
    >
      {late && (
        <p class="switch">
          <a href={redirectTo}>{words.goBack(context.returnTo)}</a>
        </p>
      )}
    </Sheet>
  )
}

export function OpeningScreen() {
  return (
    <div class="opening" role="status">
      {words.opening}
    </div>
  )
}

/** Whatever the platform answered, this page runs no code from an address. */
export function leadsAway(address: string): boolean {
  return URL.canParse(address, location.href) && !/^(javascript|data|blob|vbscript):$/.test(new URL(address, location.href).protocol)
}
