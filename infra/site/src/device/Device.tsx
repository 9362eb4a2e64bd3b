// Decides what a person sees who lets a device in: the code, the question, what became of it.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { OpeningScreen } from '../login/screens/Leaving'
import { CookiesScreen, TroubleScreen } from '../login/screens/Trouble'
import { Sheet } from '../login/Sheet'
import { blocksCookies } from '../talk/cookies'
import { Refusal } from '../talk/exchange'
import { paint } from '../ui/AppTile'
import { AskScreen } from './Ask'
import { tell, type Waiting } from './api'
import { DoneScreen, OverScreen } from './Done'
import { TypeScreen } from './Type'
import { words } from './words'

type Screen = { at: 'opening' | 'type' | 'ask' | 'over' } | { at: 'done'; approved: boolean }

/** Back from a sign-in, the address also names the `device` whose code was typed before. */
export function Device({ workspace, device, code }: { workspace: string; device: string; code: string }) {
  const [screen, setScreen] = useState<Screen>({ at: device ? 'opening' : 'type' })
  const [waiting, setWaiting] = useState<Waiting | null>(null)
  const [trouble, setTrouble] = useState<unknown>(null)

  const blocked = useMemo(blocksCookies, [])

  const show = (found: Waiting) => {
    paint(found.application.appId, found.application.color)
    setWaiting(found)
    setScreen({ at: 'ask' })
    // Whoever comes back from the sign-in by the browser's own button is asked again.
    remember({ workspace, device: found.device, user_code: found.userCode })
  }
  const open = () => {
    setTrouble(null)
    tell('context', { workspaceName: workspace, device, userCode: code }).then(show, (error: unknown) => {
      if (isOver(error)) setScreen({ at: 'over' })
      else setTrouble(error)
    })
  }
  useEffect(() => {
    if (device && workspace && !blocked) open()
  }, [])

  if (blocked) return <CookiesScreen />
  if (workspace === '') return <Sheet title={words.noWorkspace} lead={words.noWorkspaceLead} />
  if (trouble) return <TroubleScreen refusal={trouble instanceof Refusal ? trouble : null} retry={open} />
  const begin = () => {
    remember({ workspace })
    setScreen({ at: 'type' })
  }
  const finish = (next: Screen) => {
    remember({ workspace })
    setScreen(next)
  }
  if (screen.at === 'over') return <OverScreen again={begin} />
  if (screen.at === 'type') return <TypeScreen workspace={workspace} code={waiting ? '' : code} found={show} />
  if (!waiting) return <OpeningScreen />
  if (screen.at === 'done') return <DoneScreen waiting={waiting} approved={screen.approved} />
  return (
    <AskScreen
      workspace={workspace}
      waiting={waiting}
      decided={(approved) => finish({ at: 'done', approved })}
      over={() => finish({ at: 'over' })}
      signedOut={() => setWaiting({ ...waiting, person: null })}
    />
  )
}

export function isOver(error: unknown): boolean {
  return error instanceof Refusal && error.status === 404
}

function remember(query: Readonly<Record<string, string>>): void {
  history.replaceState(null, '', `?${new URLSearchParams(query)}`)
}
