// The demo in a real browser. Arguments: its program, the page's URL, the board's last operation,
// and perhaps what to do in the page then. Prints what the page holds once it has that, as JSON, and
// again after the doing. `sockets` are the page's WebSockets in the order they were opened.
import { open, within } from './browser.mjs'

const [program, url, seq, act] = process.argv.slice(2)

/** Runs in the page, which tells nobody of its changes. */
const SHOWN = `new Promise(resolve => {
  const look = () => globalThis.demo?.seq() === ${seq} ? resolve(JSON.stringify({
    board: demo.board(), gaps: demo.gaps(), notice: document.getElementById('notice').textContent,
    carets: [...document.querySelectorAll('#carets .caret')].map(each => ({
      name: each.textContent, left: each.offsetLeft, top: each.offsetTop
    }))
  })) : setTimeout(look, 50)
  look()
})`

/** Lets a socket's messages be told by hand. */
const CATCH = `globalThis.sockets = []
globalThis.WebSocket = class extends WebSocket {
  constructor (...args) { super(...args); sockets.push(this) }
}`

const page = await open(program)
try {
  await page.call('Page.addScriptToEvaluateOnNewDocument', { source: CATCH })
  await page.go(url)
  const show = async () => console.log('SHOWN ' + await within(30_000, 'the board', page.value(SHOWN)))
  await show()
  if (act) {
    await within(30_000, act, page.value(act))
    await show()
  }
} finally {
  await page.close()
}
