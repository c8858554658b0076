type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A JSON schema that all the examples keep to, with the examples. */
export function describeExamples(description: string, examples: readonly object[]): object {
  return { description, ...describe(examples as readonly Json[]), examples }
}

function describe(values: readonly Json[]): object {
  const types = [...new Set(values.map(nameType))]
  const objects = values.filter((value) => nameType(value) === 'object') as { readonly [key: string]: Json }[]
  const lists = values.filter((value) => Array.isArray(value)) as Json[][]
  return {
    type: types.length === 1 ? types[0] : types,
    ...(objects.length > 0 ? describeMembers(objects) : {}),
    ...(lists.length > 0 ? { items: describe(lists.flat()) } : {})
  }
}

function describeMembers(objects: readonly { readonly [key: string]: Json }[]): object {
  const names = [...new Set(objects.flatMap((each) => Object.keys(each)))]
  const collect = (name: string) => objects.flatMap((each) => (name in each ? [each[name] ?? null] : []))
  return {
    properties: Object.fromEntries(names.map((name) => [name, describe(collect(name))])),
    required: names.filter((name) => objects.every((each) => name in each))
  }
}

function nameType(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
