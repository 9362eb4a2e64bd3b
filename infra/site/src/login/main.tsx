// Reads the authorisation request out of the address and opens the login with it.
import { render } from 'preact'
import { Login } from './Login'

const query = Object.fromEntries(new URLSearchParams(location.search))
const page = document.getElementById('page')
if (page) render(<Login request={query} />, page)
