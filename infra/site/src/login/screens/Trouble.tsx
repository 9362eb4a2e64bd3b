// What cannot go on: says why, what to do, and which request to name when asking for help.
import { Button } from '../../ui/Button'
import { CopyButton } from '../../ui/CopyButton'
import type { Refusal } from '../api'
import { Sheet } from '../Sheet'
import { words } from '../words'

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
      {refusal?.requestId && (
        <p class="request">
          {words.requestId} <code>{refusal.requestId}</code>
          <CopyButton text={refusal.requestId} label={words.copyRequestId} done={words.copied} />
        </p>
      )}
    </Sheet>
  )
}

/**
 * The platform sent the browser here instead of to an address that it must not trust.
 * Anybody can write this query, so its text is shown as a quotation and never as our own words.
 */
export function RefusedScreen({ code, description }: { code: string; description: string }) {
  return (
    <Sheet title={words.cannotContinue} lead={words.badRequest}>
      <details class="developer">
        <summary>{words.forDeveloper}</summary>
        <p>
          <code>{[code, description].filter(Boolean).join(': ').slice(0, 300)}</code>
        </p>
      </details>
    </Sheet>
  )
}

function sentence(refusal: Refusal | null): string {
  if (refusal === null) return words.noConnection
  return refusal.message || words.unexpected
}
