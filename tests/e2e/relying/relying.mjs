// A relying party by a library that is not ours: pushes its request, binds its tokens to a key,
// reads, refreshes. Prints what it was answered as JSON.
import * as oauth from 'oauth4webapi'

const [origin, workspace, clientId, redirectUri, email, password] = process.argv.slice(2)
const plain = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(`${origin}/oidc/${workspace}`)
const discovered = await oauth.discoveryRequest(issuer, plain)
const provider = await oauth.processDiscoveryResponse(issuer, discovered)
// A client of plain OAuth looks at another address (RFC 8414) and demands the same issuer there.
const looked = await oauth.discoveryRequest(issuer, { ...plain, algorithm: 'oauth2' })
const server = await oauth.processDiscoveryResponse(issuer, looked)
const client = { client_id: clientId }
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
const options = { ...plain, DPoP }
let nonces = 0

// The first answer to a key that knows no nonce is the nonce.
async function again(ask, read) {
  const answer = await ask()
  try {
    return await read(answer)
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    nonces += 1
    return read(await ask())
  }
}

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
const params = new URLSearchParams({
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'openid email offline_access',
  state,
  nonce,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
})
const pushed = await again(
  () => oauth.pushedAuthorizationRequest(provider, client, oauth.None(), params, options),
  (answer) => oauth.processPushedAuthorizationResponse(provider, client, answer),
)

// The person's part: what the login's page would post.
const authorize = new URL(provider.authorization_endpoint)
authorize.search = new URLSearchParams({ client_id: clientId, request_uri: pushed.request_uri })
const sent = await fetch(authorize, { redirect: 'manual' })
const page = new URL(sent.headers.get('location'), origin)
const signedIn = await fetch(`${origin}/api/v1/login/sign-in`, {
  method: 'POST',
  headers: { origin, 'x-secureflows': '1', 'content-type': 'application/json' },
  body: JSON.stringify({ request: Object.fromEntries(page.searchParams), email, password }),
})
const back = new URL((await signedIn.json()).redirectTo)

const callback = oauth.validateAuthResponse(provider, client, back, state)
const tokens = await again(
  () => oauth.authorizationCodeGrantRequest(
    provider, client, oauth.None(), callback, redirectUri, verifier, options),
  (answer) => oauth.processAuthorizationCodeResponse(
    provider, client, answer, { expectedNonce: nonce, requireIdToken: true }),
)
const { sub } = oauth.getValidatedIdTokenClaims(tokens)
const person = await again(
  () => oauth.userInfoRequest(provider, client, tokens.access_token, options),
  (answer) => oauth.processUserInfoResponse(provider, client, sub, answer),
)
const refreshed = await again(
  () => oauth.refreshTokenGrantRequest(
    provider, client, oauth.None(), tokens.refresh_token, options),
  (answer) => oauth.processRefreshTokenResponse(provider, client, answer),
)
const payload = new URL(`${origin}/api/v1/sessions`)
const read = await oauth.protectedResourceRequest(
  refreshed.access_token, 'GET', payload, undefined, undefined, options)
const thief = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
const stolen = await again(
  () => oauth.protectedResourceRequest(
    refreshed.access_token, 'GET', payload, undefined, undefined, { ...plain, DPoP: thief }),
  (answer) => answer,
).catch((error) => error)

console.log(JSON.stringify({
  tokenType: tokens.token_type,
  refreshedType: refreshed.token_type,
  email: person.email,
  nonces,
  foundTwice: looked.url !== discovered.url && server.token_endpoint === provider.token_endpoint,
  read: read.status,
  stolen: stolen instanceof Error ? stolen.code ?? String(stolen) : stolen.status,
}))
