// One page of a real browser, over the Chrome DevTools protocol.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'

export const within = (millis, what, promise) => Promise.race([promise, new Promise((resolve, reject) => {
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

async function port (browser) {
  for await (const line of createInterface({ input: browser.stderr })) {
    const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)
    if (found) return found[1]
  }
  throw new Error('the browser ended')
}

/** The one page that the browser opens with. */
async function connected (browser) {
  const at = await within(60_000, 'a browser', port(browser))
  const pages = await (await fetch(`http://127.0.0.1:${at}/json/list`)).json()
  const socket = new WebSocket(pages.find(each => each.type === 'page').webSocketDebuggerUrl)
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  return socket
}

/** `call` is a command of the protocol, `go` returns when the page is loaded, `value` is what an expression is worth there. */
export async function open (program) {
  const profile = mkdtempSync(join(tmpdir(), 'aetherflow-page-'))
  const browser = spawn(program, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  const close = async socket => {
    socket?.close()
    const ended = new Promise(resolve => browser.once('exit', resolve))
    browser.kill()
    await ended
    await removed(profile)
  }
  let socket
  try {
    socket = await connected(browser)
  } catch (failure) {
    await close()
    throw failure
  }
  let ids = 0
  const call = (method, params) => new Promise((resolve, reject) => {
    const id = ++ids
    const onAnswer = text => {
      const answer = JSON.parse(text)
      if (answer.id !== id) return
      socket.off('message', onAnswer)
      answer.error ? reject(new Error(JSON.stringify(answer.error))) : resolve(answer.result)
    }
    socket.on('message', onAnswer)
    socket.send(JSON.stringify({ id, method, params }))
  })
  const go = async url => {
    const loaded = new Promise(resolve => socket.on('message', text => {
      if (JSON.parse(text).method === 'Page.loadEventFired') resolve()
    }))
    await call('Page.navigate', { url })
    await within(30_000, 'the page', loaded)
  }
  const value = async expression => {
    const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }
  await call('Page.enable', {})
  return { call, go, value, close: () => close(socket) }
}
