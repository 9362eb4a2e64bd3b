// What cannot go on: says why, what to do, and which request to name when asking for help.
import { Button } from '../../ui/Button'
import { CopyButton } from '../../ui/CopyButton'
import type { Refusal } from '../api'
import { Sheet } from '../Sheet'
import { type Refused, words } from '../words'

/** The platform refused the request or could not be reached. */
export function TroubleScreen({ refusal, retry }: { refusal: Refusal | null; retry: () => void }) {
  const again = refusal === null || refusal.status >= 500 || refusal.status === 429
  return (
    <Sheet title={refusal ? words.cannotContinue : words.unreachable} lead={sentence(refusal)}>
      {!again && <p class="advice">{words.goBackToApplication}</p>}
      {again && (
        <Button type="button" onClick={retry}>
          {words.retry}
        </Button>
      )}
      {refusal?.requestId && <RequestId of={refusal.requestId} />}
    </Sheet>
  )
}

/** Nobody would be known here: to sign in would lead to this page again, for ever. */
export function CookiesScreen() {
  return (
    <Sheet title={words.cookies} lead={words.cookiesLead}>
      <p class="advice">{words.cookiesAdvice(location.host)}</p>
      <Button type="button" onClick={() => location.reload()}>
        {words.retry}
      </Button>
    </Sheet>
  )
}

/**
 * The platform sent the browser here instead of any further. Anybody can write this address, so
 * its words only choose among ours, and a request that does not look like one is not shown.
 */
export function RefusedScreen({ code, request = '' }: { code: string; request?: string }) {
  const { title, lead, advice, developer } = toldOf(code)
  return (
    <Sheet title={title} lead={lead}>
      <p class="advice">{advice}</p>
      {history.length > 1 && (
        <Button type="button" onClick={() => history.back()}>
          {words.back}
        </Button>
      )}
      {developer !== '' && (
        <details class="developer">
          <summary>{words.forDeveloper}</summary>
          <p>{developer}</p>
        </details>
      )}
      {/^[\da-f-]{36}$/.test(request) && <RequestId of={request} />}
    </Sheet>
  )
}

function toldOf(code: string): Refused {
  const known = Object.hasOwn(words.refused, code) ? code : 'invalid_request'
  return words.refused[known] as Refused
}

function RequestId({ of }: { of: string }) {
  return (
    <p class="request">
      <span>{words.requestId}</span> <code>{of}</code>
      <CopyButton text={of} label={words.copyRequestId} done={words.copied} />
    </p>
  )
}

function sentence(refusal: Refusal | null): string {
  if (refusal === null) return words.noConnection
  return refusal.message || words.unexpected
}
