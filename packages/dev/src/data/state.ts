import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '../processes/process-table.ts'
import type { Rung, Store } from '../provision/ladder.ts'
import type { Service } from '../settings.ts'

export interface StoreState {
  /** With its password: the file is readable by its owner only. */
  readonly url: string
  readonly version: string
  readonly rung: Rung
}

/** What a running stack is made of; kept after its end, so that the next one prefers the same ports. */
export interface State {
  readonly ports: Readonly<Record<Service, number>>
  readonly stores: Readonly<Record<Store, StoreState>>
  /** Everything started, to be ended by the next launcher should this one be ended by force. */
  readonly processes: readonly ProcessIdentity[]
}

function stateFile(dataFolder: string): string {
  return join(dataFolder, 'state.json')
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && 'ports' in value && 'stores' in value && 'processes' in value
}

/** Undefined when there is none, or it was cut off. */
export function findState(dataFolder: string): State | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(stateFile(dataFolder), 'utf8'))
    return isState(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function saveState(dataFolder: string, state: State): void {
  const draft = `${stateFile(dataFolder)}.new`
  writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(draft, stateFile(dataFolder))
}
