// One question to the platform: same origin, JSON both ways, a problem document when it is refused.

/** A problem document (RFC 9457), or what stands for it when none came back. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  readonly triesLeft: number | undefined
  readonly retryAfter: number | undefined
  readonly fields: Readonly<Record<string, string>>

  constructor(status: number, problem: Problem, retryAfter: number | undefined) {
    super(problem.detail ?? problem.title ?? '')
    this.status = status
    this.code = problem.code ?? ''
    this.requestId = problem.requestId ?? null
    this.triesLeft = problem.triesLeft
    this.retryAfter = retryAfter
    this.fields = Object.fromEntries((problem.errors ?? []).map((error) => [error.pointer.replace(/^#?\//, ''), error.detail]))
  }
}

/** The platform gave no answer at all. */
export class Unreachable extends Error {}

/** Ask, and answer what came back; raises `Refusal` or `Unreachable`. */
export async function exchange(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  value?: object,
): Promise<object> {
  let answer: Response
  let body: string
  try {
    answer = await fetch(path, {
      method,
      headers: value === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
    })
    body = await answer.text()
  } catch (cause) {
    throw new Unreachable('no answer', { cause })
  }
  const found = parsed(body)
  if (answer.ok && found !== null) return found
  const problem: Problem = found ?? {}
  throw new Refusal(answer.status, problem, seconds(answer.headers.get('Retry-After')) ?? problem.retryAfter)
}

interface Problem {
  title?: string
  detail?: string
  code?: string
  requestId?: string
  triesLeft?: number
  retryAfter?: number
  errors?: { pointer: string; detail: string }[]
}

function parsed(body: string): object | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined
}
