import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { LaunchError } from '../launch-error.ts'
import { type Store, storeTitles } from './ladder.ts'
import { runCommand } from './run-command.ts'

/** One container of docker/compose.yml, its port published on loopback. */
export interface ContainerRequest {
  readonly root: string
  readonly dataFolder: string
  readonly store: Store
  readonly port: number
  readonly password: string
  readonly environment: NodeJS.ProcessEnv
}

const answerTimeoutMs = 5_000

/** True when the engine answers and the client can run compose files. */
export async function dockerAnswers(): Promise<boolean> {
  const engine = await runCommand('docker', ['info'], { timeoutMs: answerTimeoutMs })
  if (!engine.succeeded) return false
  return (await runCommand('docker', ['compose', 'version'], { timeoutMs: answerTimeoutMs })).succeeded
}

function composeArguments({ root, dataFolder }: ContainerRequest): string[] {
  const project = `latchkey-${createHash('sha256').update(dataFolder).digest('hex').slice(0, 8)}`
  return ['compose', '--file', join(root, 'docker', 'compose.yml'), '--project-name', project]
}

/** Starts the container and waits until it is healthy; returns how to stop it. Its data is in a named volume. */
export async function startContainer(request: ContainerRequest): Promise<() => Promise<void>> {
  const { store, port, password, environment } = request
  const base = composeArguments(request)
  const prefix = store.toUpperCase()
  const env = { ...environment, [`${prefix}_PORT`]: String(port), [`${prefix}_PASSWORD`]: password }
  const { succeeded, output } = await runCommand('docker', [...base, 'up', '--detach', '--wait', store], { env })
  if (!succeeded) {
    const reason = output.trim().split('\n').at(-1) ?? ''
    throw new LaunchError(`${storeTitles[store]} did not start in Docker: ${reason}; see: docker compose logs ${store}`)
  }
  return async () => void (await runCommand('docker', [...base, 'stop', store], { env }))
}
