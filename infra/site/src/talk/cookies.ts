// Whether the browser keeps what a sign-in is known by, and whether one was lost on the way here.

/** Found out by a cookie like those of a sign-in, which is gone before a request could take it along. */
export function blocksCookies(): boolean {
  try {
    document.cookie = `${PROBE}=1; Max-Age=9; ${LIKE_OURS}`
    const kept = document.cookie.includes(`${PROBE}=`)
    document.cookie = `${PROBE}=; Max-Age=0; ${LIKE_OURS}`
    return !kept
  } catch {
    return true
  }
}

/** Whether this tab was sent to a sign-in minutes ago already: to send it again would be for ever. */
export function wasSent(): boolean {
  try {
    const before = Number(sessionStorage.getItem(SENT))
    sessionStorage.setItem(SENT, String(Date.now()))
    return Date.now() - before < MINUTES
  } catch {
    return false
  }
}

/** The sign-in was kept. */
export function arrived(): void {
  try {
    sessionStorage.removeItem(SENT)
  } catch {
    // Where nothing can be kept, nothing was.
  }
}

const PROBE = '__Host-probe'
const LIKE_OURS = 'Path=/; Secure; SameSite=Lax'
const SENT = 'sf-sent'
const MINUTES = 10 * 60_000
