// The one sheet of the login: progress, tile, title, the screen, and where it leads.
import { type IconNode, Lock, TriangleAlert, WifiOff } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { AppTile } from '../ui/AppTile'
import { Icon } from '../ui/Icon'
import { Logo } from '../ui/Logo'
import { useOnline } from './useOnline'
import { words } from './words'

interface Props {
  title: string
  lead?: ComponentChildren
  /** The application's name; without one, the sheet tells of trouble. */
  tile?: string
  /** What stands in the tile's place where there is no trouble either. */
  sign?: IconNode
  returnTo?: string
  busy?: boolean
  children?: ComponentChildren
}

export function Sheet({ title, lead, tile, sign, returnTo, busy = false, children }: Props) {
  const online = useOnline()
  const heading = useRef<HTMLHeadingElement>(null)
  const sheet = useRef<HTMLElement>(null)

  useEffect(() => {
    document.title = words.title(title)
    const first = sheet.current?.querySelector<HTMLElement>('[data-first]') ?? heading.current
    first?.focus()
  }, [title])

  return (
    <>
      <div class="backdrop" aria-hidden="true">
        <div class="curves" />
      </div>
      <main class="sheet" ref={sheet}>
        <div class={busy ? 'progress on' : 'progress'} aria-hidden="true" />
        <div class="body">
          {tile === undefined ? (
            <div class={sign ? 'sign calm' : 'sign'}>
              <Icon of={sign ?? TriangleAlert} size={22} />
            </div>
          ) : (
            <AppTile name={tile} />
          )}
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {lead && <p class="lead">{lead}</p>}
          <div class="offline" role="status">
            {!online && (
              <p>
                <Icon of={WifiOff} />
                {words.offline}
              </p>
            )}
          </div>
          {children}
        </div>
        {returnTo !== undefined && (
          <p class="foot">
            <Icon of={Lock} size={14} />
            <span>
              {words.willReturn} <b>{returnTo}</b>
            </span>
          </p>
        )}
      </main>
      <footer class="secured">
        <Logo />
        {words.securedBy}
      </footer>
    </>
  )
}
