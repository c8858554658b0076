import { lookup } from 'node:dns'
import { argv, env, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { findStoredEvent, STREAM_AGE_MS } from '@latchkey/messaging/events'
import { closeRedis, openRedis } from '@latchkey/redis/client'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { run } from '@latchkey/runtime/start'
import { getRedisConnection, getVariables, getWebhookRules } from './config.ts'
import { replayLetters } from './domain/replay-letters.ts'
import type { DeadLetters, WebhookEndpoint } from './domain/webhook-ports.ts'
import { openBus } from './open-bus.ts'
import { createDeadLetters } from './store/dead-letters.ts'
import { createScriptRunner } from './store/run-script.ts'
import { createHttpSender } from './webhooks/http-sender.ts'
import { readEndpoints } from './webhooks/read-endpoints.ts'

const USAGE = `usage: webhook-letters list [--endpoint <name>]
       webhook-letters replay --endpoint <name> [--event <id>]`

interface Command {
  readonly verb: 'list' | 'replay'
  readonly endpoint: string | undefined
  readonly event: string | undefined
}

function readArguments(): Command | undefined {
  try {
    const options = { endpoint: { type: 'string' }, event: { type: 'string' } } as const
    const { positionals, values } = parseArgs({ args: argv.slice(2), options, allowPositionals: true })
    const [verb, ...rest] = positionals
    if (rest.length > 0 || (verb !== 'list' && verb !== 'replay')) return undefined
    if (verb === 'replay' && values.endpoint === undefined) return undefined
    return { verb, endpoint: values.endpoint, event: values.event }
  } catch {
    return undefined
  }
}

async function list(letters: DeadLetters, endpoints: readonly WebhookEndpoint[]): Promise<number> {
  for (const { name } of endpoints) {
    for (const letter of await letters.list(name)) {
      stdout.write(`${JSON.stringify({ endpoint: name, ...letter })}\n`)
    }
  }
  return 0
}

type ReplayDeps = Parameters<typeof replayLetters>[0]

async function replay(deps: ReplayDeps, endpoint: WebhookEndpoint, eventId: string | undefined): Promise<number> {
  let code = 0
  for await (const { letter, outcome, reason } of replayLetters(deps, endpoint, eventId)) {
    stdout.write(`${letter.eventId} ${letter.name}: ${outcome}${reason === undefined ? '' : ` (${reason})`}\n`)
    if (outcome === 'failed') code = 1
  }
  return code
}

async function execute({ verb, endpoint, event }: Command): Promise<number> {
  const config = readConfig(getVariables(env), env)
  const { allows, timeoutMs, requiresTls } = getWebhookRules(config)
  const all = await readEndpoints(config.WEBHOOKS_FILE, { requiresTls })
  const chosen = all.filter(({ name }) => endpoint === undefined || name === endpoint)
  const [first] = chosen
  if (endpoint !== undefined && first === undefined) throw new Error(`there is no endpoint ${endpoint}`)

  // Its lines would be among the letters.
  const log = createLogger({ service: 'activity', level: 'silent' })
  const redis = openRedis({ ...getRedisConnection(config), log })
  const transport = openBus(config, log)
  const sender = createHttpSender({
    timeoutMs,
    allows,
    resolve: lookup,
    stopped: new AbortController().signal,
    now: () => new Date()
  })
  try {
    const letters = createDeadLetters(createScriptRunner(redis, log), { retentionMs: STREAM_AGE_MS })
    if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve))
    await transport.flush(5000)
    if (verb === 'list' || first === undefined) return await list(letters, chosen)
    const readEvent = (sequence: number) => findStoredEvent(transport, sequence)
    return await replay({ sender, letters, readEvent }, first, event)
  } finally {
    sender.close()
    await closeRedis(redis)
    await transport.close()
  }
}

await run(async () => {
  const command = readArguments()
  if (command === undefined) stderr.write(`${USAGE}\n`)
  process.exitCode = command === undefined ? 2 : await execute(command)
})
