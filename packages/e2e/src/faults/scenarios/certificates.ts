import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { OPERATOR } from '@latchkey/testing/guarded-stores'
import type { TestScope } from '@latchkey/testing/stores'
import {
  type Certificates,
  createCertificates,
  type RenewablePostgres,
  redisTlsArguments,
  startRenewablePostgres
} from '@latchkey/testing/tls-stores'
import { Redis } from 'ioredis'
import type { Environment } from '../../environment.ts'
import { renewRedisCertificate } from '../../redis.ts'
import type { Platform } from '../platform.ts'
import type { Scenario, Seen } from '../scenario.ts'

/** So long the servers show new certificates to nobody: connections stand. */
const STANDING_MS = 3000
const silent = { info: () => undefined, warn: () => undefined }

interface Renewal {
  readonly former: Certificates
  readonly next: Certificates
  /** Files that NATS reads its own certificate from. */
  readonly shown: { readonly cert: string; readonly key: string }
  readonly postgres: RenewablePostgres
  readonly redisPort: number
}

function trust(kind: 'NATS' | 'REDIS' | 'DATABASE', ca: string, { files }: Certificates): Environment {
  return {
    [`${kind}_TLS_CA`]: ca,
    [`${kind}_TLS_CERT`]: files.clientCert,
    [`${kind}_TLS_KEY`]: files.clientKey,
    [`${kind}_TLS_SERVER_NAME`]: 'localhost'
  }
}

/** Everybody trusts both authorities from the beginning, as they have to before a server may show the next one's certificate. */
async function prepare(t: TestScope) {
  const [former, next] = await Promise.all([createCertificates(t), createCertificates(t)])
  const ca = `${former.files.ca}.both`
  const shown = { cert: `${former.files.serverCert}.shown`, key: `${former.files.serverKey}.shown` }
  await writeFile(ca, former.authority.ca + next.authority.ca)
  await show(shown, former)
  const redis = await redisTlsArguments({ ...former.files, ca })
  const postgres = await startRenewablePostgres(t, former)
  const natsSettings = `tls { cert_file: "${shown.cert}", key_file: "${shown.key}", ca_file: "${ca}", verify: true }\n`
  const trusted = (['NATS', 'REDIS', 'DATABASE'] as const).map((kind) => trust(kind, ca, former))
  return {
    renewal: { former, next, shown, postgres, redisPort: redis.port } satisfies Renewal,
    environment: Object.assign(
      { REDIS_URL: `redis://127.0.0.1:${redis.port}`, DATABASE_URL: postgres.url },
      ...trusted
    ) as Environment,
    stores: { redis: redis.args, natsSettings }
  }
}

async function show({ cert, key }: Renewal['shown'], { files }: Certificates): Promise<void> {
  await writeFile(cert, await readFile(files.serverCert), { mode: 0o600 })
  await writeFile(key, await readFile(files.serverKey), { mode: 0o600 })
}

async function renew({ nats, redis }: Platform, { next, shown, postgres }: Renewal): Promise<void> {
  await show(shown, next)
  await nats.reconfigure()
  await renewRedisCertificate(redis, next.files.serverCert, next.files.serverKey)
  await postgres.renew(next.authority)
}

/** Connects to each server, trusting the next authority alone. Rejects where one shows another's certificate. */
async function expectNext({ nats }: Platform, { former, next, postgres, redisPort }: Renewal): Promise<void> {
  const tls = {
    ca: next.authority.ca,
    cert: await readFile(former.files.clientCert, 'utf8'),
    key: await readFile(former.files.clientKey, 'utf8'),
    servername: 'localhost'
  }
  const redis = new Redis({ host: '127.0.0.1', port: redisPort, tls, lazyConnect: true, retryStrategy: null })
  redis.on('error', () => undefined)
  await redis.connect()
  redis.disconnect()
  await postgres.meet({ ...tls, host: 'localhost' })
  const url = new URL(nats.url)
  Object.assign(url, { username: OPERATOR.user, password: OPERATOR.pass })
  const transport = openNatsTransport({ url: url.href, name: 'operator', tls, log: silent })
  await transport.flush(STANDING_MS)
  await transport.close()
}

function findLost({ during, load }: Seen, reconnectedAt: number): string[] {
  const lost = during.filter(({ end, verdict }) => end < reconnectedAt && verdict !== 'good' && verdict !== 'limited')
  const asked = load.observed.length
  return lost
    .slice(0, 3)
    .map(({ kind, detail }) => `${kind} ${detail} while nothing was cut (${lost.length} of ${asked})`)
}

/** New certificates cost nobody anything until connections are made anew, and then no more than that. */
function createRenewal(): Scenario {
  let renewal: Renewal | undefined
  let reconnectedAt = 0
  return {
    name: 'certificates-renewed',
    fault:
      'PostgreSQL, Redis and NATS show certificates of another authority while they run, then all connections are cut',
    forMs: 0,
    prepare: async (t) => {
      const { renewal: made, ...start } = await prepare(t)
      renewal = made
      return start
    },
    begin: async ({ platform }) => {
      if (renewal === undefined) throw new Error('nothing was prepared')
      await renew(platform, renewal)
      await delay(STANDING_MS)
      reconnectedAt = performance.now()
      for (const store of ['nats', 'redis', 'postgres'] as const) {
        for (const link of platform.linksTo(store)) link.cut()
      }
      return () => undefined
    },
    check: async (seen) => {
      if (renewal === undefined) return ['nothing was prepared']
      const shown = await expectNext(seen.platform, renewal).then(
        () => [],
        (err: unknown) => [`a server does not show its new certificate: ${err}`]
      )
      return [...findLost(seen, reconnectedAt), ...shown]
    }
  }
}

export const certificatesRenewed: Scenario = createRenewal()
