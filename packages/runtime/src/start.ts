import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { ConfigError } from './config.ts'
import type { Logger } from './logger.ts'

export interface StartOptions {
  readonly app: FastifyInstance
  readonly host: string
  readonly port: number
  readonly logger: Logger
  /** Closes what the entry point opened and handed in, after the app has closed. */
  readonly close: () => Promise<void>
}

const CLOSE_DEADLINE_MS = 10_000
const HANG_UP_EVERY_MS = 50

/**
 * While it closes, connections are hung up as soon as their last answer is sent. Otherwise one that was being answered
 * when it began, and that its client keeps for the next time, would hold up the end until its idle time is over.
 */
export function hangUpIdle(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const timer = setInterval(() => app.server.closeIdleConnections(), HANG_UP_EVERY_MS)
    app.server.once('close', () => clearInterval(timer))
    timer.unref()
  })
}

/** Listens, then closes in order at SIGTERM or SIGINT: 0 when all ended well, 1 at the deadline or after a crash. */
export async function start({ app, host, port, logger, close }: StartOptions): Promise<void> {
  hangUpIdle(app)
  closeWithGrace({ delay: CLOSE_DEADLINE_MS, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'closing after an unexpected error')
    else logger.info({ signal }, 'closing')
    await app.close()
    await close()
  })
  const address = await app.listen({ host, port })
  logger.info({ address }, 'listening')
}

/** Runs an entry point; a fault of the configuration, or a busy port, ends it with one line on standard error. */
export async function run(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (err) {
    process.stderr.write(`${describe(err)}\n`)
    process.exit(1)
  }
}

function describe(err: unknown): string {
  if (err instanceof ConfigError) return err.message
  if (err instanceof Error && 'code' in err && err.code === 'EADDRINUSE') return `the port is in use: ${err.message}`
  return err instanceof Error ? (err.stack ?? err.message) : 'start failed'
}
