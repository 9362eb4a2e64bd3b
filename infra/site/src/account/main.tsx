// Reads the workspace out of the address and opens the person's own account there.
import { render } from 'preact'
import { Account } from './Account'

const workspace = new URLSearchParams(location.search).get('workspace') ?? ''
const page = document.getElementById('page')
if (page) render(<Account workspace={workspace} />, page)
