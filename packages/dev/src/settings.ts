import { isAbsolute, relative, resolve } from 'node:path'
import { LaunchError } from './launch-error.ts'

export type Environment = NodeJS.ProcessEnv

/** The four apps, in the order they are shown. */
export const services = ['gateway', 'auth', 'session', 'activity'] as const
export type Service = (typeof services)[number]

export interface Settings {
  /** Root folder of the checkout. */
  readonly root: string
  /** Absolute; holds all data, logs and environment files of one stack. */
  readonly dataFolder: string
  readonly gatewayPort: number
  readonly environment: Environment
}

export const commandLine = 'npx pnpm@12'

/** Condition under which workspace packages resolve to their TypeScript sources. */
export const sourceCondition = '--conditions=@latchkey/source'

const defaultGatewayPort = 3000

/** A port of the environment, `fallback` when the variable is unset or empty. */
export function readPort(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new LaunchError(`${name} must be a port from 0 to 65535`)
  return port
}

/** Empty variables count as unset. */
export function readSettings(root: string, environment: Environment): Settings {
  const { LATCHKEY_DATA, GATEWAY_PORT } = environment
  return {
    root,
    dataFolder: resolve(root, LATCHKEY_DATA || '.latchkey'),
    gatewayPort: readPort('GATEWAY_PORT', GATEWAY_PORT, defaultGatewayPort),
    environment
  }
}

/** A path as a person in the root folder would write it. */
export function presentPath({ root }: Pick<Settings, 'root'>, path: string): string {
  const short = relative(root, path)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
}
