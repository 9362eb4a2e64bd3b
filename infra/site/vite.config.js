// Builds the static site: one HTML file per page, hashed assets, no inline code.
import { createHash } from 'node:crypto'
import { defineConfig } from 'vite'

const browsers = ['chrome125', 'edge125', 'firefox128', 'safari18']

export default defineConfig({
  root: 'src',
  publicDir: '../public',
  appType: 'mpa',
  build: {
    outDir: process.env.SITE_OUT ?? '../dist',
    emptyOutDir: false,
    // Older targets would expand light-dark() and nesting, and double the CSS.
    target: browsers,
    cssTarget: browsers,
    // The Content-Security-Policy admits files only, no data: script or style.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: process.env.SITE_PAGES?.split(' ') ?? [],
    },
  },
  plugins: [integrity()],
})

// The Integrity-Policy header refuses a script that carries no hash. A module imported by another
// module cannot carry one without an inline import map, so a page's code must be a single file.
function integrity() {
  return {
    name: 'integrity',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.imports.length + chunk.dynamicImports.length > 0) {
          this.error(`${chunk.fileName} imports another file; a page must be one script`)
        }
      }
      for (const page of Object.values(bundle)) {
        if (!page.fileName.endsWith('.html')) continue
        page.source = String(page.source).replace(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g, (attribute, name) => {
          const file = bundle[name]
          const bytes = file.type === 'chunk' ? file.code : file.source
          return `${attribute} integrity="sha384-${createHash('sha384').update(bytes).digest('base64')}"`
        })
      }
    },
  }
}
