import { createServer } from 'node:http'
import { type Test, test } from 'tap'
import type { Session } from '../../src/history/account.ts'
import { endSessions } from '../../src/history/end-sessions.ts'
import { GatewayClient } from '../../src/history/gateway-client.ts'
import { createRandom } from '../../src/history/random.ts'
import { Recorder } from '../../src/history/recorder.ts'
import type { Ended, Route } from '../../src/history/route.ts'

interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
}

/** A gateway that answers with these statuses in turn, and what it was asked. */
async function startGateway(t: Test, statuses: readonly number[]) {
  const asked: Asked[] = []
  const server = createServer(({ method, url }, response) => {
    response.statusCode = statuses[asked.length] ?? 500
    asked.push({ method, url })
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const gateway = new GatewayClient(0, new URL(`http://127.0.0.1:${address.port}`))
  t.teardown(() => {
    gateway.close()
    server.close()
  })
  return { gateway, asked }
}

const createSession = (id: string): Session => {
  return { id, accessTokens: [`token of ${id}`], refreshTokens: [], mayRefresh: true, isOver: false }
}

/** Ends two sessions by the route at a gateway that answers so; returns the endings in short, and what was asked. */
async function endTwo(t: Test, statuses: readonly number[], route: Route, isOver = () => false) {
  const { gateway, asked } = await startGateway(t, statuses)
  const recorder = new Recorder(1)
  const [actor, victim] = [createSession('actor'), createSession('victim')]
  const account = { name: 'somebody', password: '', sessions: [actor, victim] }
  const administrator = { ask: () => Promise.reject(new Error('nobody asked for an admin')) }
  const random = createRandom('1')
  const ending = { account, actor, victim, others: [victim], administrator, mails: { mails: [] }, gateway, random }
  await endSessions('route', route, ending, { gateways: [gateway], recorder, random, isOver })
  const ends = recorder.history.ends.map(({ route: name, sessions, outcome }) => `${name}: ${sessions} ${outcome}`)
  return { ends, asked, recorder, isMarked: [actor, victim].map((session) => session.isOver) }
}

const ask = async (gateway: GatewayClient, path: string): Promise<Ended> => {
  const answered = await gateway.ask({ method: 'POST', path, deadlineMs: 5000 })
  return { answered, isOk: answered.status === 200 }
}
const all: Route = { ends: 'all', isRepeatable: false, ask: ({ gateway }) => ask(gateway, '/end') }

test('what was answered with success is over, and nothing more is asked', async (t) => {
  const { ends, asked, isMarked } = await endTwo(t, [200], all)
  t.same(ends, ['route: actor,victim ok'])
  t.equal(asked.length, 1)
  t.same(isMarked, [true, true])
})

test('only a route that may be repeated is', async (t) => {
  const { ends } = await endTwo(t, [503, 200], { ...all, isRepeatable: true, ends: 'victim' })
  t.same(ends, ['route: victim info', 'route: victim ok'])
})

test('after an unknown outcome each session signs out until that is answered', async (t) => {
  const { ends, asked } = await endTwo(t, [503, 503, 204, 204], all)
  const settling = 'DELETE /v1/sessions/current (settling)'
  t.same(ends, [
    'route: actor,victim info',
    `${settling}: actor info`,
    `${settling}: actor ok`,
    `${settling}: victim ok`
  ])
  t.same(asked.at(-1), { method: 'DELETE', url: '/v1/sessions/current' })
})

test('where signing out proves nothing the route says what does', async (t) => {
  const settle: Route['ask'] = ({ gateway }) => ask(gateway, '/settle')
  const { ends, asked, recorder } = await endTwo(t, [503, 401, 200], { ...all, by: 'deletion', settle })
  t.same(ends, ['route: actor,victim info', 'route (settling): actor,victim info', 'route (settling): actor,victim ok'])
  t.same(
    asked.map(({ url }) => url),
    ['/end', '/settle', '/settle']
  )
  t.ok(recorder.history.ends.every(({ by }) => by === 'deletion'))
})

test('when the run is over what is unsettled stays so', async (t) => {
  const { ends } = await endTwo(t, [503], all, () => true)
  t.same(ends, ['route: actor,victim info'])
})
