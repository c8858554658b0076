import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { ConfigError, type Environment, readConfig, type VariablesOf } from './config.ts'
import { createLogger, type Logger } from './logger.ts'
import { type Bus, getBus, type ServiceConfig } from './service-config.ts'
import { openTracing, type TracingSource } from './tracing.ts'

/** What an app is built with: `C` is its configuration, `T` the transport by which it speaks to the others. */
export interface AppOptions<C, T> {
  readonly config: C
  /** Stays open when the app closes. */
  readonly transport: T
  readonly logger: Logger
}

export interface Service<C extends ServiceConfig, T extends { close(): Promise<void> }> {
  readonly name: string
  readonly environment: Environment
  /** The variables as this environment has to give them. */
  readonly getVariables: (environment: Environment) => VariablesOf<C>
  readonly getAddress: (config: C) => { readonly host: string; readonly port: number }
  readonly openTransport: (bus: Bus) => T
  readonly loadTracing: TracingSource<T>['load']
  /** Imports the app, once tracing has begun: what is traced is looked into as it is imported. */
  readonly loadApp: () => Promise<{ buildApp(options: AppOptions<C, T>): Promise<FastifyInstance> }>
}

interface StartOptions {
  readonly app: FastifyInstance
  readonly host: string
  readonly port: number
  readonly logger: Logger
  /** Closes what was opened for the app, after it has closed. */
  readonly close: () => Promise<void>
}

const CLOSE_DEADLINE_MS = 10_000
const HANG_UP_EVERY_MS = 50

/** A service from its environment to its end: 0 when all ended well, 1 when it could not start, crashed or hung. */
export async function startService<C extends ServiceConfig, T extends { close(): Promise<void> }>(
  service: Service<C, T>
): Promise<void> {
  const { name, environment } = service
  await run(async () => {
    const config = readConfig<C>(service.getVariables(environment), environment)
    const logger = createLogger({ service: name, level: config.LOG_LEVEL })
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = environment
    const tracing = await openTracing({ service: name, endpoint, load: service.loadTracing })
    const { buildApp } = await service.loadApp()
    const transport = tracing.traceTransport(service.openTransport(getBus(name, config, logger)))
    const app = await buildApp({ config, transport, logger })
    const close = async (): Promise<void> => {
      await transport.close()
      await tracing.stop()
    }
    await start({ app, ...service.getAddress(config), logger, close })
  })
}

/** Listens, then closes in order at SIGTERM or SIGINT, within the deadline. */
async function start({ app, host, port, logger, close }: StartOptions): Promise<void> {
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
