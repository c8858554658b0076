import { readdirSync, readFileSync } from 'node:fs'
import type { TSchema } from 'typebox'
import { activityMessages } from '../../src/activity.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { errorCatalogue } from '../../src/errors.ts'
import { Envelope, events } from '../../src/events.ts'
import { traffic } from '../../src/services.ts'
import { verdictMessages } from '../../src/verdict.ts'

/** All that services of two versions have to agree on, as plain JSON. */
export interface Snapshot {
  readonly procedures: Readonly<Record<string, ProcedureShape>>
  readonly messages: Readonly<Record<string, TSchema>>
  readonly events: Readonly<Record<string, EventShape>>
  readonly errors: Readonly<Record<string, { readonly status: number; readonly details?: TSchema }>>
}

export interface ProcedureShape {
  readonly request: TSchema
  readonly reply: TSchema
  readonly errors: readonly ErrorCode[]
  readonly openList?: string | undefined
}

export interface EventShape {
  readonly subject: string
  readonly version: number
  readonly payload: TSchema
}

const folder = new URL('../../snapshots/', import.meta.url)
/** What tells a reader something and a validator nothing. */
const ANNOTATIONS: readonly string[] = ['description', 'examples', 'title']

export function takeSnapshot(): Snapshot {
  const served = Object.values(traffic).flatMap(({ serves }) => serves.flatMap((contract) => Object.values(contract)))
  const { version } = Envelope.properties
  return plain({
    procedures: sorted(
      served.map(({ subject, request, reply, errors, openList }) => [subject, { request, reply, errors, openList }])
    ),
    messages: sorted(
      [verdictMessages, activityMessages].flatMap((messages) =>
        Object.values(messages).map(({ subject, payload }): [string, TSchema] => [subject, payload])
      )
    ),
    events: sorted(
      Object.entries(events).map(([name, { subject, payload }]) => [name, { subject, version: version.const, payload }])
    ),
    errors: sorted(
      Object.entries(errorCatalogue).map(([code, spec]) => [
        code,
        { status: spec.status, ...('details' in spec ? { details: spec.details } : {}) }
      ])
    )
  })
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (key, inner) => (ANNOTATIONS.includes(key) ? undefined : inner)))
}

/** The minor versions that there is a snapshot of, `0.1`. */
export function listVersions(): readonly string[] {
  return readdirSync(folder).map((name) => name.replace(/\.json$/, ''))
}

export function readSnapshot(version: string): Snapshot {
  return JSON.parse(readFileSync(fileOf(version), 'utf8'))
}

export function fileOf(version: string): URL {
  return new URL(`${version}.json`, folder)
}

/** One line for each procedure, message, event and error, so that a difference can be read. */
export function renderSnapshot(snapshot: Snapshot): string {
  const groups = Object.entries(snapshot).map(([group, members]) => {
    const lines = Object.entries(members).map(
      ([name, shape]) => `    ${JSON.stringify(name)}: ${JSON.stringify(shape)}`
    )
    return `  ${JSON.stringify(group)}: {\n${lines.join(',\n')}\n  }`
  })
  return `{\n${groups.join(',\n')}\n}\n`
}
