// Reads out of the address where a device waits, and opens the page with it.
import { render } from 'preact'
import { Device } from './Device'

const query = new URLSearchParams(location.search)
const read = (name: string) => query.get(name) ?? ''
const page = document.getElementById('page')
if (page) render(<Device workspace={read('workspace')} device={read('device')} code={read('user_code')} />, page)
