// A command line by a library that is not ours: asks for a code, shows it, waits for a person, and
// reads as them. Prints two lines of JSON: what it was told at first, and what came of it.
import * as client from 'openid-client'

const [origin, workspace, clientId, way] = process.argv.slice(2)
const issuer = new URL(`${origin}/oidc/${workspace}`)
const plain = { execute: [client.allowInsecureRequests] }
const config = await client.discovery(issuer, clientId, undefined, client.None(), plain)
const DPoP = way === 'bound' ? client.getDPoPHandle(config, await client.randomDPoPKeyPair()) : undefined

const started = await client.initiateDeviceAuthorization(config, { scope: 'openid email offline_access' })
const asked = () => client
  .genericGrantRequest(
    config,
    'urn:ietf:params:oauth:grant-type:device_code',
    { device_code: started.device_code },
    { DPoP },
  )
  .then(() => 'tokens', (error) => error.error)
console.log(JSON.stringify({ ...started, at_once: await asked() }))

// It waits as long as it was told to between two questions, and longer when it is told so.
const found = await client
  .pollDeviceAuthorizationGrant(config, started, undefined, { DPoP })
  .then(read, (error) => ({ error: error.error }))
console.log(JSON.stringify(found))

async function read(tokens) {
  const { sub } = tokens.claims()
  const person = await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
  return { tokenType: fresh.token_type, email: person.email, hasty: await asked() }
}
