import { argv, env, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { READERS, type Reader } from '@latchkey/contracts/services'
import { ensureEventStream, rewindConsumer } from '@latchkey/messaging/events'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { run } from '@latchkey/runtime/start'
import { getVariables } from './config.ts'
import { openBus } from './open-bus.ts'

const USAGE = `usage: rewind-consumer --consumer <${READERS.join('|')}> [--from <ISO 8601 time>]`

interface Rewind {
  readonly reader: Reader
  /** `undefined` for all that the stream holds. */
  readonly from: Date | undefined
}

function readArguments(): Rewind | undefined {
  try {
    const options = { consumer: { type: 'string' }, from: { type: 'string' } } as const
    const { consumer, from } = parseArgs({ args: argv.slice(2), options }).values
    const reader = READERS.find((name) => name === consumer)
    const moment = from === undefined ? undefined : new Date(from)
    return reader === undefined || Number.isNaN(moment?.getTime()) ? undefined : { reader, from: moment }
  } catch {
    return undefined
  }
}

await run(async () => {
  const rewind = readArguments()
  if (rewind === undefined) {
    stderr.write(`${USAGE}\n`)
    process.exitCode = 2
    return
  }
  const config = readConfig(getVariables(env), env)
  const log = createLogger({ service: 'activity', level: 'silent' })
  const transport = openBus(config, log)
  try {
    await ensureEventStream(transport)
    await rewindConsumer(transport, rewind.reader, rewind.from)
    stdout.write(`${rewind.reader} begins again at ${rewind.from?.toISOString() ?? 'the oldest event there is'}\n`)
  } finally {
    await transport.close()
  }
})
