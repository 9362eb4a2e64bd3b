// A SAML provider that somebody else wrote, as the upstream of a workspace.
import { createServer } from 'node:http'
import * as samlify from 'samlify'

const [entityID, metadata, privateKey, signingCert, signs] = process.argv.slice(2)
samlify.setSchemaValidator({ validate: async () => 'nothing checked' })
const sp = samlify.ServiceProvider({ metadata, wantMessageSigned: signs !== 'assertion' })

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url, base)
  const query = Object.fromEntries(searchParams)
  if (!query.SAMLRequest) {
    response.writeHead(404).end()
    return
  }
  const isPage = request.headers.accept?.includes('text/html')
  if (isPage && !query.who) {
    response.setHeader('Content-Type', 'text/html')
    response.end(form('GET', '/sso', query, '<input name="who" aria-label="Who">'))
    return
  }
  const asked = await idp.parseLoginRequest(sp, 'redirect', { query })
  const now = new Date()
  const soon = new Date(now.getTime() + 300_000).toISOString()
  const nameID = searchParams.get('who') ?? 'nora'
  const { context } = await idp.createLoginResponse(sp, asked, 'post', {}, {
    customTagReplacement: (template) => ({
      id: `_${now.getTime()}`,
      context: samlify.SamlLib.replaceTagsByValue(template, {
        ID: `_r${now.getTime()}`,
        AssertionID: `_a${now.getTime()}`,
        Destination: sp.entityMeta.getAssertionConsumerService('post'),
        Audience: sp.entityMeta.getEntityID(),
        SubjectRecipient: sp.entityMeta.getAssertionConsumerService('post'),
        Issuer: entityID,
        IssueInstant: now.toISOString(),
        StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
        ConditionsNotBefore: now.toISOString(),
        ConditionsNotOnOrAfter: soon,
        SubjectConfirmationDataNotOnOrAfter: soon,
        NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        NameID: nameID,
        InResponseTo: asked.extract.request.id,
        attrEmail: `${nameID}@acme.example`,
        attrName: 'Nora',
      }),
    }),
  })
  const answer = { SAMLResponse: context, RelayState: query.RelayState }
  response.setHeader('Content-Type', isPage ? 'text/html' : 'application/json')
  response.end(isPage ? form('POST', sp.entityMeta.getAssertionConsumerService('post'), answer) : JSON.stringify(answer))
})

// For a browser: what it is to send on, and a button that sends it.
function form(method, action, fields, more = '') {
  const hidden = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
  return `<!doctype html><form method="${method}" action="${action}">${hidden.join('')}${more}<button>Continue</button></form>`
}

let base, idp
server.listen(0, '127.0.0.1', () => {
  base = `http://127.0.0.1:${server.address().port}`
  const service = [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-REDIRECT', Location: `${base}/sso` }]
  idp = samlify.IdentityProvider({
    entityID,
    privateKey,
    signingCert,
    isAssertionEncrypted: false,
    messageSigningOrder: 'sign-then-encrypt',
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    singleSignOnService: service,
    loginResponseTemplate: {
      context: samlify.SamlLib.defaultLoginResponseTemplate.context.replace(
        '{AuthnStatement}',
        '<saml:AuthnStatement AuthnInstant="{IssueInstant}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>',
      ),
      attributes: [
        { name: 'email', valueTag: 'email', nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic', valueXsiType: 'xs:string' },
        { name: 'displayName', valueTag: 'name', nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic', valueXsiType: 'xs:string' },
      ],
    },
  })
  console.log(base)
})
