// Against a running gateway. Environment: GATEWAY (a ws:// URL), TOKEN, and documents: TRIMMED and
// LARGE begin with their states, operations up to 79 are gone and 80 is there; MANUAL has that
// policy, and LOCKED none.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import WebSocket from 'ws'
import { AetherFlowClient } from '../dist/index.js'

const { GATEWAY, TOKEN, TRIMMED, LARGE, MANUAL, LOCKED } = process.env
const clients = []
after(() => clients.forEach(each => each.close()))

/** Resolves when all up to now has been told. */
async function opened (id, options = {}) {
  const events = []
  let look = () => {}
  const told = (...list) => { events.push(...list); look() }
  const until = (what, condition) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(
      `not within 15 s: ${what}; told: ${JSON.stringify(events).slice(0, 500)}`)), 15_000)
    look = () => { if (condition()) { clearTimeout(timer); resolve() } }
    look()
  })
  const client = new AetherFlowClient({ url: GATEWAY + '/ws', token: () => TOKEN, WebSocket })
  clients.push(client)
  let ready = false
  const document = client.open(id, {
    operations: list => told(...list),
    state: state => told({ state }),
    gap: gap => told({ gap }),
    ready: () => { ready = true; look() },
    ...options
  })
  await until('ready', () => ready)
  /** The operation at a place, once it has been told. */
  const at = async seq => {
    await until('operation ' + seq, () => events.some(each => each.seq === seq))
    return events.find(each => each.seq === seq)
  }
  return { document, events, at }
}

test('a trimmed document begins with its state, and what follows it flows', async () => {
  const { document, events, at } = await opened(TRIMMED)
  assert.deepEqual(events[0], { state: { seq: 79, data: { text: 'until 79' } } })
  assert.deepEqual(events.slice(1).map(each => each.seq), [80])
  const seq = await document.submit('next')
  assert.equal(seq, 81)
  assert.equal((await at(seq)).data, 'next')
})

test('a state of several parts is put together', async () => {
  const { events } = await opened(LARGE)
  assert.equal(events[0].state.seq, 79)
  assert.equal(events[0].state.data.text, 'ä€😀'.repeat(40_000))
})

test('who stored some history itself gets the state that replaces it', async () => {
  const { events } = await opened(TRIMMED, { from: { seq: 5, epoch: 0 } })
  assert.equal(events[0].state.seq, 79)
  assert.equal(events[1].seq, 80)
})

test('without a handler for states they are told as a gap', async () => {
  const { events } = await opened(TRIMMED, { state: undefined })
  assert.deepEqual(events[0], { gap: { from: 1, to: 79 } })
  assert.equal(events[1].seq, 80)
})

test('a conflict is told as one and resolved', async () => {
  const { document, at } = await opened(MANUAL)
  const first = await document.submit('first')
  const late = await document.submit('late', { baseSeq: 0 })
  assert.deepEqual((await at(late)).conflict, { base_seq: 0, head_seq: first })
  const drop = await at(await document.submit(undefined, { baseSeq: late, resolvesSeq: late }))
  assert.equal(drop.resolves_seq, late)
  assert.equal('data' in drop, false)
})

test('a lock is taken, told, checked and given up', async () => {
  const [ann, bob] = [await opened(LOCKED), await opened(LOCKED)]
  const held = await ann.document.locks.take('title', 60_000)
  assert.equal(held.ttlMillis, 60_000)
  const told = await bob.at(held.token)
  assert.deepEqual([told.lock.kind, told.lock.lock, told.lock.token], ['taken', 'title', held.token])
  assert.equal('data' in told, false)
  await assert.rejects(bob.document.locks.take('title'), { reason: 'LOCK_HELD' })
  await ann.document.submit('under it', { locks: [held] })
  assert.deepEqual(await ann.document.locks.renew(held), held)
  await ann.document.locks.give(held)
  await assert.rejects(ann.document.submit('after it', { locks: [held] }), { reason: 'LOCK_LOST' })
  assert.ok((await bob.document.locks.take('title')).token > held.token)
  bob.document.close()
  await assert.rejects(bob.document.locks.take('title'), { reason: 'NOT_ATTACHED' })
})
