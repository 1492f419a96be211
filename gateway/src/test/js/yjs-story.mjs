// Three unmodified y-websocket clients on two gateways.
// Arguments: URL of gateway 1, URL of gateway 2, token, document.
// Prints "AT name" and waits for a line on stdin, so that the caller can break things there.
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import WebSocket from 'ws'
import { createInterface } from 'node:readline'
import assert from 'node:assert/strict'

const [first, second, token, room] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const TIMEOUT_MILLIS = 45_000

function client (name, url, doc = new Y.Doc(), protocols = []) {
  const provider = new WebsocketProvider(url + '/yjs', room, doc, {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
    params: protocols.length ? {} : { token },
    protocols,
    maxBackoffTime: 500
  })
  provider.awareness.setLocalState({ name })
  return { name, doc, text: doc.getText('t'), map: doc.getMap('m'), provider, stored: 0 }
}

// Resolves when the condition holds, looking again at every event that can change it.
function until (what, clients, condition) {
  return new Promise((resolve, reject) => {
    const stop = []
    const done = (end, value) => { stop.forEach(f => f()); clearTimeout(timer); end(value) }
    const look = () => { if (condition()) done(resolve) }
    const timer = setTimeout(() => done(reject, new Error('not within 45 s: ' + what + '\n' +
      clients.map(c => `${c.name} synced=${c.provider.synced} names=${names(c)} ${c.text.length} chars`).join('\n'))), TIMEOUT_MILLIS)
    for (const c of clients) {
      const late = () => setImmediate(look)
      c.doc.on('update', late); stop.push(() => c.doc.off('update', late))
      c.provider.on('sync', late); stop.push(() => c.provider.off('sync', late))
      c.provider.on('status', late); stop.push(() => c.provider.off('status', late))
      c.provider.awareness.on('update', late); stop.push(() => c.provider.awareness.off('update', late))
    }
    look()
  })
}

const names = c => [...c.provider.awareness.getStates().values()].map(s => s.name).sort().join()
const same = cs => cs.every(c => c.text.toString() === cs[0].text.toString() &&
  JSON.stringify(c.map.toJSON()) === JSON.stringify(cs[0].map.toJSON()))

async function at (name) {
  console.log('AT ' + name)
  await lines.next()
}

async function converged (what, clients, parts) {
  await until(what, clients, () => clients.every(c => c.provider.synced &&
    parts.every(p => c.text.toString().includes(p))) && same(clients))
}

const ann = client('ann', first)
const bob = client('bob', second, new Y.Doc(), ['aetherflow', 'bearer.' + token])
const cyd = client('cyd', second)
const all = [ann, bob, cyd]

await until('all synced', all, () => all.every(c => c.provider.synced))
ann.text.insert(0, 'from-ann ')
bob.text.insert(0, 'from-bob ')
cyd.map.set('cyd', { list: [1, 2.5, 'x', null, true] })
await converged('first edits', all, ['from-ann', 'from-bob'])
await until('awareness of all', all, () => all.every(c => names(c) === 'ann,bob,cyd'))

cyd.provider.disconnect()
await until('cyd is gone for the others', [ann, bob], () => [ann, bob].every(c => names(c) === 'ann,bob'))
cyd.text.insert(0, 'offline-cyd ')
cyd.map.delete('cyd')
ann.text.delete(0, 4)
cyd.provider.connect()
await converged('offline edits', all, ['offline-cyd'])
await until('cyd is back', all, () => all.every(c => names(c) === 'ann,bob,cyd'))

for (let i = 0; i < 20; i++) {
  ann.text.insert(0, `a${i} `); bob.text.insert(0, `b${i} `)
}
await at('kill')
for (let i = 20; i < 40; i++) {
  ann.text.insert(0, `a${i} `); bob.text.insert(0, `b${i} `); cyd.text.insert(0, `c${i} `)
}
await converged('edits while the owner dies', all, ['a0 ', 'b0 ', 'a39 ', 'b39 ', 'c39 '])

const marks = all.flatMap(c => [...Array(20).keys()].map(i => `${c.name[0]}${i + 20} `))
await converged('every edit once', all, marks)
for (const mark of marks) {
  assert.equal(ann.text.toString().split(mark).length - 1, 1, mark)
}

await at('log')
ann.provider.disconnect()
ann.provider.connect()
await converged('reconnect without news', all, marks)
await at('log again')

const dan = client('dan', first)
await converged('a late comer', [...all, dan], marks)
assert.deepEqual(dan.doc.getText('t').toDelta(), ann.text.toDelta())
console.log('DONE ' + dan.text.length)
process.exit(0)
