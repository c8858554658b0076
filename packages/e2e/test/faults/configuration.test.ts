import { execFile } from 'node:child_process'
import process from 'node:process'
import { test } from 'tap'
import { type Environment, nodeArguments, type Service } from '../../src/environment.ts'

interface Ending {
  readonly code: number | null
  readonly stderr: string
}

function startAndEnd(service: Service, environment: Environment): Promise<Ending> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...environment }, timeout: 20_000 }
    const child = execFile(process.execPath, nodeArguments(service), options, (_err, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr })
    )
  })
}

const wrong: Readonly<Record<Service, Environment>> = {
  gateway: { GATEWAY_PORT: 'eighty', TOKEN_ISSUER: 'a'.repeat(201), NATS_URL: 'hunter2', TRUSTED_PROXIES: 'everyone' },
  auth: { DATABASE_URL: 'hunter2', AUTH_PORT: '-1', NATS_URL: 'nats://127.0.0.1:1' },
  session: {
    SESSION_TTL: '1',
    TOKEN_AUDIENCE: 'a'.repeat(201),
    SESSION_POLICY: 'limit:many',
    REDIS_URL: 'hunter2',
    NATS_URL: 'nats://127.0.0.1:1'
  },
  activity: { USER_BLOCKING: 'long', REDIS_URL: '6379', NATS_URL: 'nats://127.0.0.1:1' }
}
const faulty: Readonly<Record<Service, readonly string[]>> = {
  gateway: ['GATEWAY_PORT', 'TOKEN_ISSUER', 'NATS_URL', 'TRUSTED_PROXIES'],
  auth: ['DATABASE_URL', 'AUTH_PORT'],
  session: ['SESSION_TTL', 'TOKEN_AUDIENCE', 'SESSION_POLICY', 'REDIS_URL'],
  activity: ['USER_BLOCKING', 'REDIS_URL']
}

for (const service of ['gateway', 'auth', 'session', 'activity'] as const) {
  test(`${service} refuses wrong configuration with one line that names every variable at fault`, async (t) => {
    const { code, stderr } = await startAndEnd(service, wrong[service])
    t.not(code, 0)
    t.equal(stderr.trim().split('\n').length, 1, stderr)
    for (const name of faulty[service]) t.match(stderr, name)
    t.notMatch(stderr, 'hunter2')
  })

  test(`${service} does not start without configuration`, async (t) => {
    const { code, stderr } = await startAndEnd(service, {})
    t.not(code, 0)
    t.match(stderr, 'NATS_URL is missing')
  })
}
