// A relying party by a library that is not ours, told nothing but issuer, client and secret.
// Goes the whole way as three clients would: plainly, with a pushed request, bound to a key.
import * as client from 'openid-client'

const [origin, workspace, clientId, secret, redirectUri, email, password] = process.argv.slice(2)
const issuer = new URL(`${origin}/oidc/${workspace}`)
const plain = { execute: [client.allowInsecureRequests] }
const proofs = secret ? [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)] : [client.None()]

// The person's part: what the login's page would post.
async function signIn(address) {
  const sent = await fetch(address, { redirect: 'manual' })
  const page = new URL(sent.headers.get('location'), origin)
  const answer = await fetch(`${origin}/api/v1/login/sign-in`, {
    method: 'POST',
    headers: { origin, 'x-secureflows': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ request: Object.fromEntries(page.searchParams), email, password }),
  })
  return new URL((await answer.json()).redirectTo)
}

async function go(config, way) {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = client.randomNonce()
  const params = {
    redirect_uri: redirectUri,
    scope: 'openid email profile offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    acr_values: 'sf:1',
    ui_locales: 'de',
    max_age: '600',
    state,
    nonce,
  }
  const bound = way === 'bound'
  const DPoP = bound ? client.getDPoPHandle(config, await client.randomDPoPKeyPair()) : undefined
  const to = way === 'plain'
    ? client.buildAuthorizationUrl(config, params)
    : await client.buildAuthorizationUrlWithPAR(config, params, { DPoP })
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 600 }
  const back = await signIn(to)
  const tokens = await client.authorizationCodeGrant(
    config, back, { ...checks, idTokenExpected: true }, undefined, { DPoP })
  const { sub, acr } = tokens.claims()
  const person = await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
  const asked = secret ? await client.tokenIntrospection(config, fresh.access_token) : null
  await client.tokenRevocation(config, fresh.refresh_token)
  const afterwards = await client
    .fetchUserInfo(config, fresh.access_token, sub, { DPoP })
    .then(() => 'still there', (error) => error.code)
  const leaving = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: redirectUri, id_token_hint: tokens.id_token, state: 'bye' })
  const left = await fetch(leaving, { redirect: 'manual' })
  return {
    way,
    tokenType: fresh.token_type,
    email: person.email,
    acr,
    active: asked && asked.active,
    afterwards,
    signedOutAt: left.headers.get('location'),
  }
}

const found = []
for (const proof of proofs) {
  const config = await client.discovery(issuer, clientId, undefined, proof, plain)
  for (const way of ['plain', 'pushed', 'bound']) found.push(await go(config, way))
}
console.log(JSON.stringify(found))
