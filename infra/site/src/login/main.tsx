// Reads the authorisation request out of the address and opens the login with it.
import { render } from 'preact'
import { Login } from './Login'
import { Invitation } from './screens/Invitation'

const query = Object.fromEntries(new URLSearchParams(location.search))
const invite = new URLSearchParams(location.hash.slice(1)).get('invite')
// A second invite's link that is opened in this tab differs behind '#' alone, which loads nothing.
addEventListener('hashchange', () => location.reload())
const page = document.getElementById('page')
if (page) {
  render(
    invite ? <Invitation workspaceName={query.workspace_name ?? ''} invite={invite} /> : <Login request={query} />,
    page,
  )
}
