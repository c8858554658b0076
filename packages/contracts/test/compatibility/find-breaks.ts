import { isDeepStrictEqual } from 'node:util'
import type { TSchema } from 'typebox'
import type { EventShape, ProcedureShape, Snapshot } from './snapshot.ts'

/**
 * What services of the one version would misunderstand of services of the other, each a line that names the place. Both
 * directions are looked at together: during an upgrade the newer one asks the older one as often as the other way round.
 */
export function findBreaks(older: Snapshot, newer: Snapshot): string[] {
  return [
    ...compareMembers(older.procedures, newer.procedures, compareProcedures),
    ...compareMembers(older.messages, newer.messages, compareSchemas),
    ...compareMembers(older.events, newer.events, compareEvents),
    ...compareMembers(older.errors, newer.errors, (before, after, path) => [
      ...(before.status === after.status ? [] : [`${path}: another status`]),
      ...compareSchemas(before.details ?? {}, after.details ?? {}, `${path}.details`)
    ])
  ]
}

type Compare<T> = (older: T, newer: T, path: string) => string[]

/** New members are for those who know them; one that is gone leaves its callers alone. */
function compareMembers<T>(
  older: Readonly<Record<string, T>>,
  newer: Readonly<Record<string, T>>,
  compare: Compare<T>
) {
  return Object.entries(older).flatMap(([name, before]) => {
    const after = newer[name]
    return after === undefined ? [`${name}: gone`] : compare(before, after, name)
  })
}

function compareProcedures(older: ProcedureShape, newer: ProcedureShape, path: string): string[] {
  const lost = older.errors.filter((code) => !newer.errors.includes(code))
  const { openList } = older
  return [
    ...compareSchemas(older.request, newer.request, `${path} request`),
    ...compareSchemas(older.reply, newer.reply, `${path} reply`, openList),
    ...(openList === newer.openList ? [] : [`${path}: another open list`]),
    // A caller that is new meets the code when it asks a service that is not.
    ...lost.map((code) => `${path}: may not answer ${code} any more`)
  ]
}

function compareEvents(older: EventShape, newer: EventShape, path: string): string[] {
  return [
    ...(older.subject === newer.subject ? [] : [`${path}: another subject`]),
    ...(older.version === newer.version ? compareSchemas(older.payload, newer.payload, path) : [])
  ]
}

/** Alike but for optional properties that came in, at any depth; and for members of unions within an open list. */
function compareSchemas(older: TSchema, newer: TSchema, path: string, openList?: string): string[] {
  const before: Keywords = older
  const after: Keywords = newer
  const { properties: known, required: needed = [], items, anyOf, ...rest } = before
  const { properties, required = [], items: newItems, anyOf: newAnyOf, ...newRest } = after
  const shape = isDeepStrictEqual(rest, newRest) ? [] : [`${path}: other rules`]
  return [
    ...shape,
    ...compareProperties({ known, needed }, { known: properties, needed: required }, path, openList),
    ...comparePart(items, newItems, `${path}[]`, openList),
    ...compareUnions(anyOf, newAnyOf, path, openList)
  ]
}

interface Keywords {
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly items?: TSchema
  readonly anyOf?: readonly TSchema[]
}

interface Properties {
  readonly known: Readonly<Record<string, TSchema>> | undefined
  readonly needed: readonly string[]
}

/** Inside the list that is open, so that new members of unions are nothing a reader could stumble over. */
const INSIDE = '*'

function compareProperties(older: Properties, newer: Properties, path: string, openList?: string): string[] {
  const before = older.known ?? {}
  const after = newer.known ?? {}
  const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name))
  return [
    ...Object.entries(before).flatMap(([name, schema]) => {
      const open = openList === name ? INSIDE : openList === INSIDE ? INSIDE : undefined
      return comparePart(schema, after[name], `${path}.${name}`, open)
    }),
    ...added.filter((name) => newer.needed.includes(name)).map((name) => `${path}.${name}: new, and not optional`),
    ...Object.keys(before)
      .filter((name) => Object.hasOwn(after, name) && older.needed.includes(name) !== newer.needed.includes(name))
      .map(
        (name) =>
          `${path}.${name}: ${older.needed.includes(name) ? 'not always there any more' : 'not optional any more'}`
      )
  ]
}

function comparePart(
  before: TSchema | undefined,
  after: TSchema | undefined,
  path: string,
  openList?: string
): string[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [`${path}: new rules`]
  if (after === undefined) return [`${path}: gone`]
  return compareSchemas(before, after, path, openList)
}

function compareUnions(
  before: readonly TSchema[] = [],
  after: readonly TSchema[] = [],
  path: string,
  openList?: string
) {
  const added = after.length - before.length
  if (added < 0) return [`${path}: fewer alternatives`]
  if (added > 0 && openList !== INSIDE) return [`${path}: more alternatives`]
  if (added > 0) {
    return before.every((one) => after.some((other) => isDeepStrictEqual(one, other)))
      ? []
      : [`${path}: other alternatives`]
  }
  return before.flatMap((schema, index) => comparePart(schema, after[index], `${path}|${index}`, openList))
}
