import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Environment } from '@latchkey/runtime/config'
import { parse } from 'yaml'

interface ComposeService {
  readonly build?: { readonly args: { readonly APP: string } }
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | null>>
  readonly volumes?: readonly string[]
  readonly networks?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: object
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
}

export const docker = fileURLToPath(new URL('../../../../docker/', import.meta.url))

/** How one file overrides another is said by tags, which change no value. */
const tags = ['!override', '!reset'].flatMap((tag) => [
  { tag, collection: 'map' as const },
  { tag, collection: 'seq' as const }
])

export function readCompose(name: 'compose.yml' | 'compose.apps.yml'): Compose {
  return parse(readFileSync(join(docker, name), 'utf8'), { merge: true, customTags: tags })
}

/** Makes the secrets of the apps in a folder, or does with them what the command says; answers what was said of it. */
export function makeSecrets(folder: string, ...command: readonly string[]): string {
  return execFileSync('/bin/sh', [join(docker, 'secrets.sh'), folder, ...command], { encoding: 'utf8' })
}

/** The file of secrets that is mounted for a service. */
export function readSecrets(folder: string, reader: string): Environment {
  const lines = readFileSync(join(folder, reader, 'env'), 'utf8')
    .trim()
    .split('\n')
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
