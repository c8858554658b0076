import { readFile } from 'node:fs/promises'
import { startNats } from '@latchkey/testing/stores'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const document: { paths: Record<string, Record<string, { operationId: string }>> } = JSON.parse(
  await readFile(new URL('../../openapi.json', import.meta.url), 'utf8')
)
/** Every operation for admins that there is, and will be. */
const operations = Object.entries(document.paths)
  .filter(([path]) => path.startsWith('/v1/admin/'))
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => {
      const url = path.replaceAll(/\{\w+\}/g, '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21')
      return { operationId, call: { method: method.toUpperCase() as InjectOptions['method'], url } }
    })
  )

t.test('what is for admins is for nobody else, whatever their request says', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  t.ok(operations.length >= 8)
  for (const { operationId, call } of operations) {
    const refused = await app.inject({ ...call, headers: bearer } as InjectOptions)
    t.match(refused.json(), { status: 403, code: 'forbidden' }, operationId)
    const anonymous = await app.inject(call as InjectOptions)
    t.match(anonymous.json(), { status: 401, code: 'unauthenticated' }, operationId)
  }
})

t.test('who is admin is asked for each request, never remembered', async (t) => {
  let role: 'admin' | 'user' = 'admin'
  const gateway = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    session: {
      check: async () => {
        const { user, session } = gateway.signedIn
        return {
          ok: true,
          value: {
            user: { ...user, role },
            session,
            endsInMs: 3_600_000,
            idleEndsInMs: 3_600_000,
            idleTtlMs: 3_600_000
          }
        }
      }
    }
  })
  const { app, bearer } = gateway
  const list = () => app.inject({ url: '/v1/admin/users', headers: bearer })
  t.equal((await list()).statusCode, 200)
  t.equal((await app.inject({ url: '/v1/me', headers: bearer })).statusCode, 200)
  role = 'user'
  t.equal((await list()).statusCode, 403)
})
