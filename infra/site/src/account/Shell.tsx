// The frame of the account: the head of the page, one column, and what stands in it when nothing can.
import { Check, TriangleAlert, WifiOff } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useOnline } from '../login/useOnline'
import { Button } from '../ui/Button'
import { CopyButton } from '../ui/CopyButton'
import { Icon } from '../ui/Icon'
import { Logo } from '../ui/Logo'
import type { Self } from './api'
import { words } from './words'

export function Shell({ self, said, children }: { self: Self; said: string; children: ComponentChildren }) {
  const online = useOnline()
  const name = self.name ?? self.email
  return (
    <>
      <header class="top">
        <p class="brand">
          <Logo size={24} />
          secureFlows
        </p>
        <p class="me">
          <span class="avatar" aria-hidden="true">
            {[...name][0]?.toUpperCase()}
          </span>
          <span>{name}</span>
        </p>
      </header>
      <main>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead(self.workspace.name)}</p>
        <div class="offline" role="status">
          {!online && (
            <p>
              <Icon of={WifiOff} />
              {words.offline}
            </p>
          )}
        </div>
        <p class="said" role="status">
          {said}
        </p>
        {children}
      </main>
    </>
  )
}

interface NoticeProps {
  /** Whether it is what the person wanted. */
  good?: boolean
  title: string
  advice: string
  request?: string | null
  /** What can be done about it, and what its button says. */
  act?: () => void
  says?: string
}

/** What is shown in the place of the account. */
export function Notice({ good = false, title, advice, request, act, says = words.retry }: NoticeProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [title])
  return (
    <main class="notice">
      <div class={good ? 'sign good' : 'sign'}>
        <Icon of={good ? Check : TriangleAlert} size={22} />
      </div>
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      <p class="lead">{advice}</p>
      {act && (
        <Button type="button" onClick={act}>
          {says}
        </Button>
      )}
      {request && (
        <p class="request">
          <span>{words.requestId}</span> <code>{request}</code>
          <CopyButton text={request} label={words.copyRequestId} done={words.copied} />
        </p>
      )}
    </main>
  )
}
