// The account's conversation with the platform: a token by the browser's own sign-in, kept in memory alone.
import { exchange, Refusal } from '../talk/exchange'

export interface Self {
  workspace: { slug: string; name: string }
  email: string
  name: string | null
}

export interface Factors {
  password: boolean
  totp: { createdAt: number } | null
  recoveryCodesLeft: number
}

export interface Setup {
  challenge: string
  secret: string
  uri: string
  qr: { size: number; path: string }
}

/** The password was right, and a code is wanted beside it. */
export interface Second {
  step: { kind: string; challenge: string }
}

interface Home {
  memberToken: string
}

interface Answers {
  'GET /self': Self
  'GET /self/factors': Factors
  'POST /self/totp': Setup
  'POST /self/totp/confirm': { recoveryCodes: string[] }
  'DELETE /self/totp': Factors
  'POST /self/recovery-codes': { recoveryCodes: string[] }
  'POST /self/password': { changed: boolean }
  'POST /self/email': { challenge: string; email: string }
  'POST /self/email/confirm': { email: string }
}

export type Fields = Readonly<Record<string, string>>

/** The way to one account: asks by token, fetches another when it is over. */
export class Way {
  readonly #workspace: string
  #token = ''

  constructor(workspace: string) {
    this.#workspace = workspace
  }

  async ask<Route extends keyof Answers>(route: Route, fields?: Fields): Promise<Answers[Route]> {
    const [method = '', path = ''] = route.split(' ')
    if (this.#token === '') await this.#enter()
    const once = () => exchange(method, `/api/v1${path}`, { Authorization: `Bearer ${this.#token}` }, fields)
    try {
      return (await once()) as Answers[Route]
    } catch (error) {
      // Tokens end after minutes, the sign-in behind them after days.
      if (!(error instanceof Refusal) || error.status !== 401) throw error
      await this.#enter()
      return (await once()) as Answers[Route]
    }
  }

  /** Show the password once more; answers what is wanted beside it, if anything. */
  async prove(password: string): Promise<Second | null> {
    const answer = await this.#page('/step-up', { password })
    if ('step' in answer) return answer
    this.#token = answer.memberToken
    return null
  }

  async proveSecond(way: 'totp' | 'recovery', challenge: string, code: string): Promise<void> {
    const answer = (await this.#page(`/step-up/${way}`, { challenge, code })) as Home
    this.#token = answer.memberToken
  }

  async #enter(): Promise<void> {
    this.#token = ((await this.#page('/member-token', {})) as Home).memberToken
  }

  async #page(path: string, fields: Fields): Promise<Home | Second> {
    const sent = { ...fields, workspaceName: this.#workspace }
    return (await exchange('POST', `/api/v1/self${path}`, { 'X-SecureFlows': '1' }, sent)) as Home | Second
  }
}
