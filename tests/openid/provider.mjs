// A certified OpenID provider that somebody else wrote, as the upstream of a workspace.
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const [redirectUri, secret] = process.argv.slice(2)
const server = createServer((request, response) => handle(request, response))
let handle = (_request, response) => response.writeHead(503).end()

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'secureflows', client_secret: secret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: `${sub}@acme.example`, email_verified: true, name: 'Nora' }),
    }),
    pkce: { required: () => true },
  })
  handle = provider.callback()
  console.log(issuer)
})
