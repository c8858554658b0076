import { mkdirSync } from 'node:fs'
import { probeNats } from './probes.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

export interface NatsServerOptions {
  readonly program: string
  readonly port: number
  readonly folder: string
  readonly logFile: string
  /** More command line arguments, such as `--max_payload`. */
  readonly args?: readonly string[]
  readonly throwAwayFolder?: string
}

export function natsUrl({ port }: Pick<NatsServerOptions, 'port'>): string {
  return `nats://127.0.0.1:${port}`
}

/** NATS with JetStream on loopback; its streams are in `folder`. */
export function startNatsServer(options: NatsServerOptions): Promise<ServerProcess> {
  const { program, port, folder, logFile, args = [], throwAwayFolder } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return startServerProcess({
    title: 'NATS',
    program,
    args: ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder, ...args],
    folder,
    logFile,
    stopSignal: 'SIGTERM',
    throwAwayFolder,
    probe: () => probeNats(natsUrl({ port }))
  })
}
