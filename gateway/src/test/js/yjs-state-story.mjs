// Unmodified y-websocket clients of a document whose history grows for long.
// Arguments: ws URL of the gateway, its http URL, token, document.
// Prints "AT name" and waits for a line on stdin.
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import WebSocket from 'ws'
import { createInterface } from 'node:readline'
import assert from 'node:assert/strict'

const [url, http, token, room] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const ROUNDS = 50
const ROUND_CHARS = 200_000

function client (doc = new Y.Doc()) {
  const provider = new WebsocketProvider(url + '/yjs', room, doc, {
    WebSocketPolyfill: WebSocket, disableBc: true, params: { token }, maxBackoffTime: 500
  })
  return { doc, text: doc.getText('t'), map: doc.getMap('m'), provider }
}

// Resolves when the condition holds, looking again at every event that can change it.
function until (what, c, condition) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('not within 45 s: ' + what)), 45_000)
    const look = () => setImmediate(() => { if (condition()) { clearTimeout(timer); resolve() } })
    c.doc.on('update', look)
    c.provider.on('sync', look)
    look()
  })
}

async function at (name) {
  console.log('AT ' + name)
  await lines.next()
}

async function stats () {
  const answer = await fetch(`${http}/api/v1/documents/${room}/stats`, { headers: { Authorization: `Bearer ${token}` } })
  return answer.json()
}

// Faster, she would not read what comes back while she writes, and be sent away for it.
async function stored (head) {
  while (!((await stats()).head >= head)) await new Promise(resolve => setTimeout(resolve, 20))
}

const same = (a, b) => {
  assert.deepEqual(a.text.toDelta(), b.text.toDelta())
  assert.deepEqual(a.map.toJSON(), b.map.toJSON())
}

const ann = client()
await until('ann is there', ann, () => ann.provider.synced)
ann.text.insert(0, 'the text')
await stored(1)
for (let i = 0; i < ROUNDS; i++) {
  const { head } = await stats()
  ann.text.insert(4, String.fromCharCode(97 + i % 26).repeat(ROUND_CHARS))
  ann.text.delete(4, ROUND_CHARS)
  ann.map.set('round', i)
  await stored(head + 3)
}
assert.equal((await stats()).state_seq, 0)

// Who has edits of its own is asked for all it has first, which is of no use, and then for those.
const offline = new Y.Doc()
offline.getText('t').insert(0, 'offline ')
const bob = client(offline)
await until('bob has it all', bob, () => bob.provider.synced && bob.text.toString().includes('the text'))
await until("ann has bob's edit", ann, () => ann.text.toString().includes('offline '))
assert.equal((await stats()).state_seq, 0)
same(ann, bob)

// One without edits supplies the state.
for (let tries = 0; (await stats()).state_seq === 0; tries++) {
  assert.ok(tries < 30, 'nobody supplied a state')
  const cyd = client()
  await until('cyd has it all', cyd, () => cyd.provider.synced && cyd.text.length === ann.text.length)
  await new Promise(resolve => setTimeout(resolve, 1_000))
  cyd.provider.destroy()
}
await at('supplied')

const dan = client()
await until('dan has it all', dan, () => dan.provider.synced && dan.text.length === ann.text.length)
same(ann, dan)
dan.text.insert(0, 'after ')
for (const each of [ann, bob]) {
  await until("all have dan's edit", each, () => each.text.toString().startsWith('after '))
}
same(ann, dan)
same(ann, bob)
console.log('DONE ' + JSON.stringify(await stats()))
process.exit(0)
