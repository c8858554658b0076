import type { TSchema } from 'typebox'

/**
 * The same schema in the words that the edge's validator and serializer are fastest and clearest with: unions of
 * literals as `enum`, unions with null as a list of types.
 */
export function forHttp<S extends TSchema>(schema: S): S {
  return rewrite(schema) as S
}

function rewrite(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(rewrite)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => [key, key === 'examples' ? value : rewrite(value)])
  return flattenUnion(Object.fromEntries(entries))
}

interface Alternative {
  readonly type?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
}

function flattenUnion(schema: Readonly<Record<string, unknown>> & { anyOf?: readonly Alternative[] }): unknown {
  const { anyOf, ...rest } = schema
  if (anyOf === undefined) return schema
  const others = anyOf.filter(({ type }) => type !== 'null')
  const nullable = others.length < anyOf.length
  const values = others.map(listValues)
  if (values.every((list) => list.length > 0)) {
    const constants = values.flat()
    return {
      ...rest,
      type: nullable ? ['string', 'null'] : 'string',
      enum: nullable ? [...constants, null] : constants
    }
  }
  const [only] = others
  if (only === undefined || others.length > 1 || !nullable || typeof only.type !== 'string') return schema
  return { ...rest, ...only, type: [only.type, 'null'] }
}

/** The texts an alternative allows, if it names them one by one. */
function listValues({ const: constant, enum: list }: Alternative): readonly unknown[] {
  return list ?? (typeof constant === 'string' ? [constant] : [])
}
