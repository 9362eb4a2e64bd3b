// The account's conversation with the platform: a token by the browser's own sign-in, kept in memory alone.
import { type Ceremony, showPasskey } from '../talk/ceremonies'
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

/** A passkey; times in epoch seconds, `synced` when it can be on several devices. */
export interface Passkey {
  id: string
  name: string
  createdAt: number
  lastUsedAt: number | null
  synced: boolean
}

/** A provider elsewhere that signs the person in; `linkedAt` in epoch seconds, if it was kept. */
export interface Provider {
  id: string
  displayName: string
  linkedAt: number | null
}

/** A browser in which the person is signed in; `methods` are how, by RFC 8176. */
export interface SignIn {
  id: string
  agent: string
  current: boolean
  signedInAt: number
  expiresAt: number
  methods: string[]
}

/** An application that goes on by itself, and the sign-in that let it, if that stands. */
export interface Grant {
  id: string
  application: { appId: string; name: string }
  signInId: string | null
  lastUsedAt: number
}

/** A browser that is known as the person's, signed in or not. */
export interface Device {
  id: string
  agent: string
  current: boolean
  signedInAt: number
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

/** What is told of an account that is no more: when the last copy of its keys is gone. */
export interface Erased {
  keysGoneAt: number
}

interface Home {
  memberToken: string
}

interface Answers {
  'GET /self': Self
  'DELETE /self': Erased
  'GET /self/factors': Factors
  'POST /self/totp': Setup
  'POST /self/totp/confirm': { recoveryCodes: string[] }
  'DELETE /self/totp': Factors
  'POST /self/recovery-codes': { recoveryCodes: string[] }
  'GET /self/passkeys': { passkeys: Passkey[] }
  'POST /self/passkeys/options': Ceremony
  'POST /self/passkeys': Passkey
  'PATCH /self/passkeys/{id}': Passkey
  'DELETE /self/passkeys/{id}': { passkeys: Passkey[] }
  'GET /self/identity-providers': { identityProviders: Provider[] }
  'DELETE /self/identity-providers/{id}': { identityProviders: Provider[] }
  'GET /self/sign-ins': { signIns: SignIn[] }
  'DELETE /self/sign-ins/{id}': { signIns: SignIn[] }
  'POST /self/sign-ins/end-others': { signIns: SignIn[] }
  'GET /self/grants': { grants: Grant[] }
  'DELETE /self/grants/{id}': { grants: Grant[] }
  'GET /self/devices': { devices: Device[] }
  'DELETE /self/devices/{id}': { devices: Device[] }
  'POST /self/password': { changed: boolean }
  'POST /self/email': { challenge: string; email: string }
  'POST /self/email/confirm': { email: string }
}

export type Fields = Readonly<Record<string, unknown>>

/** The way to one account: asks by token, fetches another when it is over. */
export class Way {
  readonly #workspace: string
  #token = ''
  #entering: Promise<void> | null = null

  constructor(workspace: string) {
    this.#workspace = workspace
  }

  async ask<Route extends keyof Answers>(route: Route, fields?: Fields, id = ''): Promise<Answers[Route]> {
    const [method = '', path = ''] = route.replace('{id}', encodeURIComponent(id)).split(' ')
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
    const answer = await this.#page<Home | Second>('/step-up', { password })
    if ('step' in answer) return answer
    this.#token = answer.memberToken
    return null
  }

  async provePasskey(): Promise<void> {
    const shown = await showPasskey(await this.#page<Ceremony>('/step-up/passkey/options', {}))
    this.#token = (await this.#page<Home>('/step-up/passkey', shown)).memberToken
  }

  async proveSecond(way: 'totp' | 'recovery', challenge: string, code: string): Promise<void> {
    this.#token = (await this.#page<Home>(`/step-up/${way}`, { challenge, code })).memberToken
  }

  /** All who need a token at the same moment wait for one. */
  async #enter(): Promise<void> {
    this.#entering ??= this.#page<Home>('/member-token', {})
      .then(({ memberToken }) => {
        this.#token = memberToken
      })
      .finally(() => {
        this.#entering = null
      })
    await this.#entering
  }

  async #page<Answer>(path: string, fields: Fields): Promise<Answer> {
    const sent = { ...fields, workspaceName: this.#workspace }
    return (await exchange('POST', `/api/v1/self${path}`, { 'X-SecureFlows': '1' }, sent)) as Answer
  }
}

/** The login that comes back here; `anew` also asks whoever is signed in. */
export function loginOf(workspace: string, anew: boolean): string {
  const query = new URLSearchParams({ workspace_name: workspace, client_id: 'dashboard' })
  if (anew) query.set('prompt', 'login')
  return `/app/sessions/login?${query}`
}
