// Recovery codes, shown once: copied or taken as a file, and then gone from the page.
import { useState } from 'preact/hooks'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { words } from '../words'

export function Shown({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const [copied, setCopied] = useState(false)
  const text = codes.join('\n')
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    // Escape must not take away what is shown only once.
    <Dialog title={words.recoveryShown} lead={words.recoveryOnce} onCancel={() => undefined}>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="choice">
        <Button kind="line" type="button" onClick={copy}>
          {words.recoveryCopy}
        </Button>
        <Button kind="line" type="button" onClick={() => download(text)}>
          {words.recoveryDownload}
        </Button>
        <Button type="button" onClick={onKept}>
          {words.recoveryKept}
        </Button>
      </div>
      <p class="said" role="status">
        {copied ? words.copied : ''}
      </p>
    </Dialog>
  )
}

function download(text: string): void {
  const address = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = address
  link.download = words.recoveryFile
  link.click()
  URL.revokeObjectURL(address)
}
