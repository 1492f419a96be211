// The demo in a real browser. Arguments: its program, the page's URL, the board's last operation,
// and perhaps what to do in the page then. Prints what the page holds once it has that, as JSON, and
// again after the doing. `sockets` are the page's WebSockets in the order they were opened.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'

const [program, url, seq, act] = process.argv.slice(2)
const profile = mkdtempSync(join(tmpdir(), 'aetherflow-demo-'))
const browser = spawn(program, [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'
], { stdio: ['ignore', 'ignore', 'pipe'] })

const within = (millis, what, promise) => Promise.race([promise, new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error(`not within ${millis} ms: ${what}`)), millis).unref()
})])

/** The browser's own children write on for a moment after it. */
async function removed (folder) {
  for (let attempt = 1; existsSync(folder); attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch (failure) {
      if (attempt === 100) throw failure
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

async function port () {
  for await (const line of createInterface({ input: browser.stderr })) {
    const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)
    if (found) return found[1]
  }
  throw new Error('the browser ended')
}

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

try {
  const at = await within(60_000, 'a browser', port())
  const pages = await (await fetch(`http://127.0.0.1:${at}/json/list`)).json()
  const page = new WebSocket(pages.find(each => each.type === 'page').webSocketDebuggerUrl)
  await new Promise((resolve, reject) => page.on('open', resolve).on('error', reject))
  let ids = 0
  const call = (method, params) => new Promise((resolve, reject) => {
    const id = ++ids
    page.on('message', text => {
      const answer = JSON.parse(text)
      if (answer.id === id) answer.error ? reject(new Error(JSON.stringify(answer.error))) : resolve(answer.result)
    })
    page.send(JSON.stringify({ id, method, params }))
  })
  await call('Page.enable', {})
  const loaded = new Promise(resolve => page.on('message', text => {
    if (JSON.parse(text).method === 'Page.loadEventFired') resolve()
  }))
  await call('Page.addScriptToEvaluateOnNewDocument', { source: CATCH })
  await call('Page.navigate', { url })
  await within(30_000, 'the page', loaded)
  const show = async () => {
    const shown = call('Runtime.evaluate', { expression: SHOWN, awaitPromise: true })
    console.log('SHOWN ' + (await within(30_000, 'the board', shown)).result.value)
  }
  await show()
  if (act) {
    const done = call('Runtime.evaluate', { expression: act, awaitPromise: true })
    const { exceptionDetails } = await within(30_000, act, done)
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    await show()
  }
  page.close()
} finally {
  const ended = new Promise(resolve => browser.once('exit', resolve))
  browser.kill()
  await ended
  await removed(profile)
}
