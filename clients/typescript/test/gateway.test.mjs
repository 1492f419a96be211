// Against two running gateways of one cluster. Environment: GATEWAYS (two ws:// URLs), TOKENS (JSON
// of user to token). Prints "AT name" where the caller may break something, and waits for a line.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import WebSocket from 'ws'
import { AetherFlowClient } from '../dist/index.js'

const [first, second] = process.env.GATEWAYS.split(',')
const tokens = JSON.parse(process.env.TOKENS)
const run = Math.random().toString(36).slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const open = new Set()

after(() => { open.forEach(c => c.client.close()); process.stdin.destroy() })

async function at (name) {
  console.log('AT ' + name)
  await lines.next()
}

function person (name, url, { token = () => tokens[name], tamper = text => text } = {}) {
  const me = { sockets: [], states: [], waiting: new Set() }
  class Recorded extends WebSocket {
    constructor (...args) { super(...args); me.sockets.push(this) }
    send (text) { super.send(tamper(text)) }
  }
  me.changed = () => me.waiting.forEach(look => look())
  me.client = new AetherFlowClient({
    url: url + '/ws', token, WebSocket: Recorded, onState: state => { me.states.push(state); me.changed() }
  })
  me.at = (id, options = {}) => {
    const seen = { ops: [], gaps: [], peers: new Map(), denied: null }
    seen.doc = me.client.open(id, {
      ...options,
      operations: list => { seen.ops.push(...list); me.changed() },
      gap: gap => { seen.gaps.push(gap); me.changed() },
      peers: peers => { seen.peers = new Map(peers); me.changed() },
      ready: () => { seen.ready = true; me.changed() },
      denied: why => { seen.denied = why; me.changed() }
    })
    return seen
  }
  /** The connection breaks without a word. */
  me.cut = () => me.sockets.at(-1).terminate()
  me.until = (what, condition) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(reject, new Error(`not within 60 s: ${what}; ${JSON.stringify(me.states.slice(-4))}`)), 60_000)
    const look = () => { if (condition()) end(resolve) }
    const end = (how, value) => { clearTimeout(timer); me.waiting.delete(look); how(value) }
    me.waiting.add(look)
    look()
  })
  open.add(me)
  return me
}

const data = seen => seen.ops.map(op => op.data)
const once = (seen, expected) => assert.deepEqual([...data(seen)].sort(), [...expected].sort())

test('what two clients at two gateways write has one order, is acknowledged and comes back', async () => {
  const ann = person('ann', first)
  const bob = person('bob', second)
  const [a, b] = [ann.at(`order-${run}`), bob.at(`order-${run}`)]
  const acks = await Promise.all([...Array(100).keys()].flatMap(i =>
    [a.doc.submit(`a${i}`).then(seq => [seq, `a${i}`]), b.doc.submit(`b${i}`).then(seq => [seq, `b${i}`])]))
  await ann.until('all operations', () => a.ops.length === 200)
  await bob.until('all operations', () => b.ops.length === 200)
  assert.deepEqual(data(a), data(b))
  assert.deepEqual(a.ops.map(op => op.seq), [...Array(200).keys()].map(i => i + 1))
  for (const [seq, text] of acks) assert.equal(a.ops[seq - 1].data, text)
  assert.ok(a.ops.every(op => op.own === (op.data[0] === 'a')))
})

test('connections that break while operations are under way lose nothing and repeat nothing', async () => {
  const ann = person('ann', first)
  const seen = ann.at(`cuts-${run}`)
  const written = []
  for (let round = 0; round < 6; round++) {
    const acks = [...Array(30).keys()].map(i => `r${round}-${i}`).map(text => {
      written.push(text)
      return seen.doc.submit(text)
    })
    if (round > 0) await acks[round]
    await ann.until('an open socket', () => ann.states.at(-1)?.kind === 'open')
    const sockets = ann.sockets.length
    ann.cut()
    await Promise.all(acks)
    await ann.until('another socket', () => ann.sockets.length > sockets && ann.states.at(-1).kind === 'open')
  }
  await ann.until('everything back', () => seen.ops.length >= written.length)
  assert.ok(ann.sockets.length >= 7)
  assert.ok(ann.states.filter(s => s.kind === 'open').slice(1).every(s => s.resumed))
  assert.deepEqual(data(seen), written)
  const replay = person('bob', second).at(`cuts-${run}`)
  await [...open].at(-1).until('the log', () => replay.ready)
  once(replay, written)
})

test('a session that cannot be resumed stores nothing twice', async () => {
  const ann = person('ann', first, {
    tamper: text => {
      const { resume, ...rest } = JSON.parse(text)
      return JSON.stringify(rest)
    }
  })
  const seen = ann.at(`session-${run}`)
  await ann.until('ready', () => seen.ready)
  const written = [...Array(40).keys()].map(i => `s${i}`)
  const acks = written.map(text => seen.doc.submit(text))
  await acks[3]
  ann.cut()
  const seqs = await Promise.all(acks)
  await ann.until('another socket', () => ann.states.filter(s => s.kind === 'open').length > 1)
  assert.equal(ann.states.filter(s => s.kind === 'open').at(-1).resumed, false)
  await ann.until('everything back', () => seen.ops.length >= written.length)
  once(seen, written)
  seqs.forEach((seq, i) => assert.equal(seen.ops[seq - 1].data, written[i]))
  assert.ok(seen.ops.every(op => op.own))
})

test('a document closed and opened again stores what is new', async () => {
  const ann = person('ann', first)
  const before = ann.at(`again-${run}`)
  await before.doc.submit('one')
  before.doc.close()
  const after = ann.at(`again-${run}`)
  assert.equal(await after.doc.submit('two'), 2)
  await ann.until('both', () => after.ops.length === 2)
  assert.deepEqual(data(after), ['one', 'two'])
  assert.equal(after.denied, null)
})

test('operations flow on, once each, while a process dies', async () => {
  const ann = person('ann', first)
  const bob = person('bob', second)
  const [a, b] = [ann.at(`death-${run}`), bob.at(`death-${run}`)]
  await ann.until('ready', () => a.ready)
  await bob.until('ready', () => b.ready)
  await at('death')
  const acks = []
  for (let i = 0; i < 50; i++) acks.push(a.doc.submit(`a${i}`), b.doc.submit(`b${i}`))
  await Promise.all(acks)
  await at('second death')
  for (let i = 50; i < 100; i++) acks.push(a.doc.submit(`a${i}`), b.doc.submit(`b${i}`))
  await Promise.all(acks)
  await ann.until('everything', () => a.ops.length >= 200)
  await bob.until('everything', () => b.ops.length >= 200)
  assert.deepEqual(data(a), data(b))
  once(a, [...Array(100).keys()].flatMap(i => [`a${i}`, `b${i}`]))
  assert.deepEqual([...a.gaps, ...b.gaps], [])
})

test('who is there is known, also to those who come later, and who closes is gone at once', async () => {
  const ann = person('ann', first)
  const bob = person('bob', second)
  const a = ann.at(`who-${run}`, { from: 'now' })
  a.doc.setPresence({ x: 1 })
  await ann.until('ready', () => a.ready)
  const b = bob.at(`who-${run}`, { from: 'now' })
  b.doc.setPresence({ x: 2 })
  await bob.until('ann', () => [...b.peers.values()].some(p => p.user === 'ann' && p.data.x === 1))
  await ann.until('bob', () => [...a.peers.values()].some(p => p.user === 'bob' && p.data.x === 2))
  a.doc.setPresence({ x: 3 })
  await bob.until('ann moved', () => [...b.peers.values()].some(p => p.data.x === 3))
  bob.client.close()
  await ann.until('bob left', () => a.peers.size === 0)
})

test('a token is renewed on the open socket', async () => {
  let asked = 0
  const ann = person('ann', first, { token: () => { asked++; return asked < 3 ? tokens.short : tokens.ann } })
  const seen = ann.at(`token-${run}`)
  await ann.until('a third token', () => { setTimeout(ann.changed, 200); return asked >= 3 })
  await seen.doc.submit('still here')
  assert.equal(ann.sockets.length, 1)
})

test('a refused token ends in stopped, not in a loop', async () => {
  const eve = person('eve', first, { token: () => 'bad' })
  await eve.until('stopped', () => eve.states.at(-1)?.kind === 'stopped')
  assert.equal(eve.sockets.length, 1)
})

test('what cannot be replayed is told as a gap', async () => {
  const ann = person('ann', first)
  const seen = ann.at(`gap-${run}`)
  const seqs = await Promise.all([1, 2, 3].map(i => seen.doc.submit(i)))
  const bob = person('bob', second)
  // An epoch that no owner has reached: as if the store had been restored from a backup.
  const late = bob.at(`gap-${run}`, { from: { seq: 1, epoch: Number.MAX_SAFE_INTEGER } })
  await bob.until('the gap', () => late.gaps.length > 0)
  assert.deepEqual(late.gaps, [{ from: 2, to: Math.max(...seqs) }])
  await seen.doc.submit(4)
  await bob.until('what follows', () => late.ops.length === 1)
  assert.equal(late.ops[0].data, 4)
})
