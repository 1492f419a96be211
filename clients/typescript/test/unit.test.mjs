import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedDocument } from '../dist/document.js'
import { Outbox } from '../dist/outbox.js'
import { Pace } from '../dist/pace.js'
import { afterClose } from '../dist/reconnect.js'

/** A gateway's end of one document, by hand. */
function rig (options = {}) {
  const sent = []
  const timers = []
  let id = 0
  let clientSeq = 0
  const link = {
    env: {
      now: () => 0,
      after: (millis, task) => { timers.push(task); return () => timers.splice(timers.indexOf(task), 1) },
      random: () => 0.5
    },
    clientId: 'me',
    frameMax: 1000,
    nextId: () => ++id,
    nextClientSeq: () => ++clientSeq,
    isOwn: id => id === 'me',
    take: () => true,
    send: message => sent.push(message),
    sendText: text => sent.push(JSON.parse(text)),
    closed: () => {}
  }
  const told = []
  const document = new SharedDocument('d', {
    operations: ops => told.push(...ops.map(op => op.seq)),
    gap: gap => told.push(gap),
    ...options
  }, link)
  return { link, sent, told, timers, document }
}

const op = (seq, clientId = 'other', clientSeq = seq) =>
  ({ seq, client_id: clientId, client_seq: clientSeq, user: 'u', data: seq })
const attached = (head, recovered = true, id = 1) =>
  ({ t: 'attached', id, doc: 'd', epoch: 1, head, role: 'editor', recovered })
const ops = (...list) => ({ t: 'ops', doc: 'd', epoch: 1, first_seq: list[0].seq, ops: list })

test('refusals stop, drains and expired tokens come back at once, rates later', () => {
  assert.deepEqual(afterClose(4003, 0, () => 0.9), { kind: 'stop' })
  assert.ok(afterClose(4010, 0, () => 0.99).afterMillis < 200)
  assert.ok(afterClose(4001, 0, () => 0.99).afterMillis < 200)
  assert.ok(afterClose(4029, 0, () => 0).afterMillis >= 5000)
  for (const code of [1006, 4007, 4008, 4009]) {
    assert.ok(afterClose(code, 3, () => 0).afterMillis >= 800)
    assert.ok(afterClose(code, 3, () => 0.999).afterMillis < 1600)
    assert.ok(afterClose(code, 1000, () => 0.999).afterMillis <= 10_000)
  }
})

test('a repeated operation is told once, and a hole attaches again instead of being told', () => {
  const { document, sent, told } = rig()
  document.onOpen()
  document.onMessage(attached(2))
  document.onMessage(ops(op(1), op(2)))
  document.onMessage(ops(op(2), op(3)))
  document.onMessage(ops(op(5)))
  assert.deepEqual(told, [1, 2, 3])
  assert.deepEqual(sent.filter(m => m.t === 'attach').map(m => m.from_seq), [1, 4])
})

test('after a lost session nothing is sent again before the replay has shown what was stored', async () => {
  const { document, sent, link } = rig()
  document.onOpen()
  document.onMessage(attached(0))
  const first = document.submit('a')
  const second = document.submit('b')
  document.onDisconnect()
  link.clientId = 'me-2'
  document.onOpen()
  sent.length = 0
  document.onMessage(attached(2, true, 2))
  assert.deepEqual(sent, [])
  document.onMessage(ops(op(1, 'me', 1), op(2)))
  assert.equal(await first, 1)
  assert.deepEqual(sent.map(m => [m.t, m.client_seq]), [['op', 2]])
  document.onMessage({ t: 'ack', doc: 'd', client_seq: 2, seq: 3 })
  assert.equal(await second, 3)
})

test('when history cannot tell, the outcome is unknown and nothing is sent again', async () => {
  const { document, sent, told, link } = rig()
  document.onOpen()
  document.onMessage(attached(0))
  const unsure = document.submit('a')
  document.onDisconnect()
  const certain = document.submit('b')
  link.clientId = 'me-2'
  document.onOpen()
  sent.length = 0
  document.onMessage(attached(9, false, 2))
  document.onMessage({ t: 'gap', doc: 'd', head: 9 })
  await assert.rejects(unsure, { name: 'UnknownOutcomeError' })
  assert.deepEqual(told, [{ from: 1, to: 9 }])
  assert.deepEqual(sent.map(m => m.client_seq), [2])
  document.onMessage({ t: 'ack', doc: 'd', client_seq: 2, seq: 10 })
  assert.equal(await certain, 10)
})

test('after a gap the application may have everything told again, and loses no operation', async () => {
  const { document, sent, told } = rig({
    gap: gap => { told.push(gap); document.reload() }
  })
  document.onOpen()
  document.onMessage(attached(2))
  document.onMessage(ops(op(1), op(2)))
  const stored = document.submit('a')
  document.onMessage({ t: 'gap', doc: 'd', head: 9 })
  assert.deepEqual(told, [1, 2, { from: 3, to: 9 }])
  assert.equal(sent.at(-1).t, 'attach')
  assert.equal(sent.at(-1).from_seq, 1)
  document.onMessage(ops(op(10)))
  assert.equal(told.length, 3, 'what comes to the old attachment is not told')
  document.onMessage(attached(2, true, sent.at(-1).id))
  document.onMessage(ops(op(1), op(2)))
  assert.deepEqual(told.slice(3), [1, 2])
  document.onMessage({ t: 'ack', doc: 'd', client_seq: 1, seq: 3 })
  assert.equal(await stored, 3)
})

const state = (seq, data, part = 0, parts = 1) =>
  ({ t: 'state', doc: 'd', epoch: 1, seq, part, parts, state: data, ...(parts > 1 ? { encoding: 'base64' } : {}) })

test('a trimmed document goes on from its state, and sends only then', async () => {
  const ready = []
  const { document, sent, told } = rig({ state: state => told.push(state), ready: () => ready.push([...told]) })
  document.onOpen()
  sent.length = 0
  document.onMessage(attached(80, false))
  const stored = document.submit('a')
  assert.deepEqual(sent, [])
  document.onMessage(state(79, { x: 1 }))
  assert.deepEqual(sent.map(m => m.t), ['op'])
  document.onMessage(ops(op(80)))
  assert.deepEqual(told, [{ seq: 79, data: { x: 1 } }, 80])
  assert.deepEqual(ready, [told])
  document.onMessage({ t: 'ack', doc: 'd', client_seq: 1, seq: 81 })
  assert.equal(await stored, 81)
  assert.equal(document.seq, 80)
})

test('a state can come at any time, and cannot tell what of a lost session was stored', async () => {
  const { document, sent, told, link } = rig({ state: state => told.push(state) })
  document.onOpen()
  document.onMessage(attached(0))
  const unsure = document.submit('a')
  document.onDisconnect()
  const certain = document.submit('b')
  link.clientId = 'me-2'
  document.onOpen()
  sent.length = 0
  document.onMessage(attached(9, false, 2))
  document.onMessage(state(9, 'nine'))
  await assert.rejects(unsure, { name: 'UnknownOutcomeError' })
  assert.deepEqual(sent.map(m => m.client_seq), [2])
  document.onMessage({ t: 'ack', doc: 'd', client_seq: 2, seq: 10 })
  assert.equal(await certain, 10)
  document.onMessage(ops(op(10)))
  document.onMessage(state(20, 'twenty'))
  document.onMessage(ops(op(21)))
  assert.deepEqual(told, [{ seq: 9, data: 'nine' }, 10, { seq: 20, data: 'twenty' }, 21])
  assert.deepEqual(sent.filter(m => m.t === 'attach'), [])
})

test('without a handler a state is told as a gap', () => {
  const { document, told } = rig()
  document.onOpen()
  document.onMessage(attached(80, false))
  document.onMessage(state(79, 'x'))
  document.onMessage(ops(op(80)))
  assert.deepEqual(told, [{ from: 1, to: 79 }, 80])
})

test('the bytes of all parts are the state; a part that is missing attaches again', () => {
  const { document, sent, told } = rig({ state: state => told.push(state) })
  const bytes = Buffer.from(JSON.stringify({ text: 'ä€😀' }))
  const inHalves = (seq, cut, all) => [
    state(seq, all.subarray(0, cut).toString('base64'), 0, 2),
    state(seq, all.subarray(cut).toString('base64'), 1, 2)
  ]
  document.onOpen()
  document.onMessage(attached(99, false))
  for (let cut = 1; cut < bytes.length; cut++) {
    inHalves(cut, cut, bytes).forEach(part => document.onMessage(part))
    assert.deepEqual(told.pop(), { seq: cut, data: { text: 'ä€😀' } })
  }
  const noText = Buffer.from([0xff, 0, 0x80])
  inHalves(50, 1, noText).forEach(part => document.onMessage(part))
  assert.deepEqual(told.pop(), { seq: 50, data: noText.toString('base64'), encoding: 'base64' })
  sent.length = 0
  document.onMessage(inHalves(60, 1, bytes)[0])
  document.onMessage(inHalves(61, 1, bytes)[1])
  assert.deepEqual(sent.map(m => [m.t, m.from_seq]), [['attach', 51]])
  document.onMessage(attached(99, false, sent[0].id))
  document.onMessage(inHalves(60, 1, bytes)[1])
  assert.equal(sent.length, 2)
  assert.deepEqual(told, [])
})

test('an operation is told with all that it says, and without data where it has none', () => {
  const seen = []
  const { document, sent } = rig({ operations: ops => seen.push(...ops) })
  const { data, ...lock } = op(2)
  lock.lock = { lock: 'title', token: 2, client_id: 'other', kind: 'taken' }
  const conflict = { ...op(1), conflict: { base_seq: 0, head_seq: 0 } }
  document.onOpen()
  document.onMessage(attached(0))
  document.onMessage(ops(conflict, lock))
  assert.deepEqual(seen, [{ ...conflict, own: false }, { ...lock, own: false }])
  document.submit(undefined, { baseSeq: 2, resolvesSeq: 1, locks: [{ lock: 'title', token: 2 }] })
  const message = sent.at(-1)
  assert.deepEqual(message, {
    t: 'op', doc: 'd', base_seq: 2, resolves_seq: 1, locks: [{ lock: 'title', token: 2 }], client_seq: 1
  })
})

test('requests for locks end with their answers, or with the connection', async () => {
  const { document, sent } = rig()
  await assert.rejects(document.locks.take('title'), { reason: 'NOT_ATTACHED' })
  document.onOpen()
  document.onMessage(attached(0))
  const [held, refused, lost] = [document.locks.take('a', 1000), document.locks.take('b'), document.locks.take('c')]
  const [a, b] = sent.filter(m => m.t === 'lock')
  assert.deepEqual(a, { t: 'lock', id: a.id, doc: 'd', lock: 'a', ttl_ms: 1000 })
  assert.equal(document.onError({ t: 'error', id: 999, code: 'LOCK_HELD', message: '', retryable: false }), false)
  assert.equal(document.onError({ t: 'error', id: b.id, code: 'LOCK_HELD', message: '', retryable: false }), true)
  await assert.rejects(refused, { reason: 'LOCK_HELD' })
  document.onMessage({ t: 'locked', id: a.id, doc: 'd', lock: 'a', token: 7, ttl_ms: 1000 })
  assert.deepEqual(await held, { lock: 'a', token: 7, ttlMillis: 1000 })
  document.onDisconnect()
  await assert.rejects(lost, { name: 'UnknownOutcomeError' })
})

test('a token without history gets what comes, and is told what it missed', () => {
  const { document, sent, told } = rig()
  document.onOpen()
  document.onError({ t: 'error', id: sent[0].id, code: 'DENIED', message: 'no history', retryable: false })
  assert.equal(sent[1].from_seq, undefined)
  document.onMessage(attached(7, true, 2))
  document.onMessage(ops(op(8)))
  assert.deepEqual(told, [{ from: 1, to: 7 }, 8])
})

test('what an earlier opening of the document is still told does not count', () => {
  const { document, told } = rig()
  document.onOpen()
  document.onMessage(attached(3, true, 99))
  document.onMessage(ops(op(1)))
  document.onMessage({ t: 'detached', id: 98, doc: 'd' })
  document.onMessage(attached(2))
  document.onMessage(ops(op(1), op(2)))
  assert.deepEqual(told, [1, 2])
})

test('a retryable refusal goes out again after a pause, any other rejects', async () => {
  const { document, sent, timers } = rig()
  document.onOpen()
  document.onMessage(attached(0))
  const first = document.submit('a')
  const second = document.submit('b')
  document.onMessage({ t: 'nack', doc: 'd', client_seq: 1, reason: 'QUOTA', retryable: true })
  document.onMessage({ t: 'nack', doc: 'd', client_seq: 2, reason: 'DENIED', retryable: false })
  await assert.rejects(second, { reason: 'DENIED' })
  sent.length = 0
  timers.splice(0).forEach(task => task())
  assert.deepEqual(sent.filter(m => m.t === 'op').map(m => m.client_seq), [1])
  document.onMessage({ t: 'ack', doc: 'd', client_seq: 1, seq: 1 })
  assert.equal(await first, 1)
  await assert.rejects(document.submit('x'.repeat(1000)), { reason: 'TOO_LARGE' })
})

test('the window and the queue are bounded', async () => {
  let n = 0
  const outbox = new Outbox(() => ++n)
  const results = Array.from({ length: 10_000 }, () => outbox.add(n => String(n)))
  await assert.rejects(outbox.add(n => String(n)), { reason: 'QUEUE_FULL' })
  let sent = 0
  while (outbox.next('me') !== null) sent++
  assert.equal(sent, 64)
  outbox.stored(1, 1)
  assert.equal(outbox.next('me'), '65')
  outbox.close()
  const ends = await Promise.allSettled(results)
  assert.equal(ends[1].reason.name, 'UnknownOutcomeError')
  assert.equal(ends[9999].reason.reason, 'CLOSED')
})

test('the pace stays a fifth below the limit', () => {
  let now = 0
  const pace = new Pace(() => now)
  pace.limit(100)
  let taken = 0
  for (now = 0; now < 10_000; now += 1) {
    if (pace.take()) taken++
  }
  assert.ok(taken >= 800 && taken <= 801 + 80, String(taken))
})
