// How an application integrates with secureFlows, in one file and without any library:
//
//   1. send the person to the hosted login (OpenID Connect, authorization code with PKCE),
//   2. exchange the code that comes back for a token,
//   3. read and write that person's private data with it.
//
// Any OpenID Connect client library does 1 and 2 from the issuer and the client id alone; it is
// written out here so that nothing is hidden. The only thing that this page is told is config.json.

const $ = (id) => document.getElementById(id)

// The login knows this page as http://127.0.0.1:8001/ and redirect addresses match exactly.
const REDIRECT_URI = new URL('/', location.href).href
const ATTEMPT = 'sign-in-attempt'

let config // { issuer, clientId, apiBase }
let provider // what the issuer says about itself: its endpoints

// The token lives in this variable and nowhere else: no storage that another script, another tab
// or a later visitor of this machine could read.
let token = null
let idToken = null

// --- 1. To the login and back ------------------------------------------------------------------

async function start() {
  config = await json('config.json')
  provider = await json(`${config.issuer}/.well-known/openid-configuration`)
  // A document that speaks for another issuer would send people to somebody else's login.
  if (provider.issuer !== config.issuer) throw new Error('The discovery document names another issuer.')

  const query = new URLSearchParams(location.search)
  if (query.has('code') || query.has('error')) await finishSignIn(query)
}

async function signIn(more = {}) {
  if (provider === undefined) await start()
  const attempt = { state: random(), nonce: random(), verifier: random() }
  // These three tie the answer to this tab. They are no credentials, and they go when we return.
  sessionStorage.setItem(ATTEMPT, JSON.stringify(attempt))
  const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(attempt.verifier))
  location.assign(
    withQuery(provider.authorization_endpoint, {
      response_type: 'code',
      client_id: config.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: base64url(new Uint8Array(challenge)),
      code_challenge_method: 'S256',
      ...more,
    }),
  )
}

async function finishSignIn(query) {
  const attempt = JSON.parse(sessionStorage.getItem(ATTEMPT) ?? 'null')
  sessionStorage.removeItem(ATTEMPT)
  // The code leaves the address bar and the history before anything else happens.
  history.replaceState(null, '', '/')

  if (attempt === null || query.get('state') !== attempt.state) {
    throw new Error('This answer belongs to no sign-in that this tab began. Sign in again.')
  }
  // RFC 9207: an answer from another issuer is a mix-up, whatever else it says.
  if (query.get('iss') !== config.issuer) throw new Error('This answer comes from another issuer.')
  if (query.has('error')) throw new Error(query.get('error_description') ?? query.get('error'))

  const answer = await send(provider.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: query.get('code'),
      redirect_uri: REDIRECT_URI,
      client_id: config.clientId,
      code_verifier: attempt.verifier,
    }),
  })
  const tokens = await answer.json()
  checkIdToken(tokens.id_token, attempt.nonce)
  idToken = tokens.id_token // shown once more, to sign out
  token = tokens.access_token // this is the sessionToken
}

// The ID token came straight from the token endpoint, so OpenID Connect (3.1.3.7) lets the
// connection vouch for the signature; what it says must still be meant for us, now, for this attempt.
function checkIdToken(jwt, nonce) {
  const bytes = Uint8Array.from(atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const claims = JSON.parse(new TextDecoder().decode(bytes))
  if (claims.iss !== config.issuer) throw new Error('The ID token comes from another issuer.')
  if (![claims.aud].flat().includes(config.clientId)) throw new Error('The ID token is for another application.')
  if (claims.nonce !== nonce) throw new Error('The ID token belongs to another sign-in.')
  if (claims.exp * 1000 < Date.now()) throw new Error('The ID token has expired.')
}

async function signOut() {
  // First the token dies, then the browser visits the login, which forgets this browser and returns.
  await api('/auth/logout', { method: 'POST' }).catch(() => undefined)
  token = null
  // By a form: in an address, the ID token would stay in the browser's history. It tells the login
  // who signs out, so that nobody has to be asked.
  const form = document.createElement('form')
  form.method = 'post'
  form.action = provider.end_session_endpoint
  const fields = { id_token_hint: idToken, client_id: config.clientId, post_logout_redirect_uri: REDIRECT_URI }
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
  }
  document.body.append(form)
  form.submit()
}

// --- 2. This person's private data ---------------------------------------------------------------

let notes = []
let version = null // the ETag of what we last read or wrote

async function readNotes() {
  const answer = await api('/sessions/get/notes', { accept: [404] })
  const found = await answer.json()
  // 404 with this code is no failure: the key was never written.
  if (answer.status === 404 && found.code !== 'key_not_found') throw new Error(found.detail)
  version = answer.headers.get('ETag')
  notes = answer.status === 404 ? [] : found.value
}

// Another tab or device may have written since we read. If-Match makes the write fail then (412),
// and we apply the same change to what is there now, so that neither of the two gets lost.
async function changeNotes(change) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const value = change(notes)
    const answer = await api('/sessions/set/notes', {
      method: 'POST',
      headers: version === null ? {} : { 'If-Match': version },
      body: { value },
      accept: [412],
    })
    if (answer.status !== 412) {
      notes = value
      version = answer.headers.get('ETag')
      return
    }
    await readNotes()
  }
  throw new Error('Somebody else keeps changing these notes. Try again.')
}

const addNote = (text) =>
  changeNotes((old) => [...old, { id: crypto.randomUUID(), text, writtenAt: new Date().toISOString() }])
const deleteNote = (id) => changeNotes((old) => old.filter((note) => note.id !== id))

// --- 3. Requests -----------------------------------------------------------------------------------

function api(path, { headers = {}, body, ...rest } = {}) {
  return send(config.apiBase + path, {
    ...rest,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function json(address) {
  return (await send(address)).json()
}

async function send(address, { accept = [], ...init } = {}) {
  const line = `${init.method ?? 'GET'} ${new URL(address, location.href).pathname}`
  let answer
  try {
    // The token is the only credential; cookies of the login stay out of it.
    answer = await fetch(address, { credentials: 'omit', cache: 'no-store', redirect: 'error', ...init })
  } catch (cause) {
    record(`${line}: no answer`)
    throw new Error(`${new URL(address, location.href).host} could not be reached. Is it running?`, { cause })
  }
  record(`${line} → ${answer.status}`)
  if (answer.ok || accept.includes(answer.status)) return answer

  // Every error is a problem document (RFC 9457); the token endpoint speaks OAuth instead.
  const problem = await answer.json().catch(() => ({}))
  if (answer.status === 401) token = null
  const words = problem.detail ?? problem.error_description ?? problem.title ?? `The answer was ${answer.status}.`
  throw new Error(problem.requestId ? `${words} (request ${problem.requestId})` : words)
}

// Not every endpoint address is free of a query already.
function withQuery(address, parameters) {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)))
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

// --- 4. The page -----------------------------------------------------------------------------------

function show() {
  $('signed-in').hidden = $('sign-out').hidden = token === null
  $('signed-out').hidden = token !== null
  if (token === null) {
    $('who').textContent = ''
    notes = []
  }
  $('empty').hidden = notes.length > 0
  // textContent, never innerHTML: what people write is text.
  $('notes').replaceChildren(
    ...notes.map((note) => {
      const row = element('li', { className: 'note' })
      const remove = element('button', { type: 'button', textContent: 'Delete', ariaLabel: `Delete note: ${note.text}` })
      remove.addEventListener('click', () => run(() => deleteNote(note.id)))
      const written = new Date(note.writtenAt)
      const when = element('time', { dateTime: note.writtenAt, textContent: written.toLocaleDateString() })
      row.append(element('span', { textContent: note.text }), when, remove)
      return row
    }),
  )
}

async function showPerson() {
  const identity = await (await api('/sessions/identity')).json()
  $('who').textContent = identity.email ?? ''
  $('identity').textContent = JSON.stringify(identity, null, 2)
}

function record(line) {
  $('requests').prepend(element('li', { textContent: line }))
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties)
}

// One thing at a time, its error said out loud, the page drawn again afterwards.
let working = Promise.resolve()
function run(work) {
  working = working.then(async () => {
    $('error').textContent = ''
    try {
      await work()
    } catch (error) {
      $('error').textContent = error.message
    }
    show()
  })
  return working
}

$('sign-in').addEventListener('click', () => run(() => signIn()))
$('create-account').addEventListener('click', () =>
  // A provider that knows prompt=create opens the sign-up at once; others offer it on their login.
  run(() => signIn(provider.prompt_values_supported?.includes('create') ? { prompt: 'create' } : {})),
)
$('sign-out').addEventListener('click', () => run(signOut))
$('add').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = $('text').value.trim()
  if (text === '') return
  run(async () => {
    await addNote(text)
    // Only now: a note that could not be stored stays in the box.
    $('text').value = ''
  })
})

if (location.hostname === 'localhost') {
  // Registered is the address, not the name; a redirect address must match exactly.
  location.hostname = '127.0.0.1'
} else {
  await run(async () => {
    await start()
    if (token !== null) await Promise.all([readNotes(), showPerson()])
  })
}
