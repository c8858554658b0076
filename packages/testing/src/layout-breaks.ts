import type { Layout, Stored, Texts } from './redis-layout.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * What a program that reads the older layout would miss or misread in the newer one, each a line that names the place. New
 * keys, new fields, and what comes after the end of a list are for those who know them.
 */
export function findLayoutBreaks(older: Layout, newer: Layout): string[] {
  return Object.entries(older).flatMap(([key, before]) => {
    const after = newer[key]
    if (after === undefined) return [`${key}: gone`]
    if (before.type !== after.type) return [`${key}: a ${after.type} instead of a ${before.type}`]
    if (before.expires !== after.expires) return [`${key}: ${after.expires ? 'goes by itself' : 'stays for ever'}`]
    return compare(open(before), open(after), key)
  })
}

function compare(before: Json, after: Json | undefined, path: string): string[] {
  if (after === undefined) return [`${path}: gone`]
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) {
    return before === after ? [] : [`${path}: ${JSON.stringify(after)} instead of ${JSON.stringify(before)}`]
  }
  if (Array.isArray(before) !== Array.isArray(after)) return [`${path}: another shape`]
  const others = new Map<string, Json>(Object.entries(after))
  return Object.entries(before).flatMap(([key, value]) => compare(value, others.get(key), `${path} ${key}`))
}

/** With the JSON in its texts as what it says, and text that is cut in numbered pieces in one. */
function open(stored: Stored): Json {
  if (stored.type === 'stream') return stored.content.map(openAll)
  return openAll(stored.type === 'hash' ? joinPieces(stored.content) : stored.content)
}

function openAll(texts: Texts): Json {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, readText(text)]))
}

/** `p:0`, `p:1`, … are one text. */
function joinPieces(fields: Texts): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const name of Object.keys(fields)) {
    const [, stem, piece] = /^(.+:)(\d+)$/.exec(name) ?? []
    if (stem === undefined || piece === undefined) joined[name] = fields[name] ?? ''
    else if (piece === '0') joined[stem] = readPieces(fields, stem)
  }
  return joined
}

function readPieces(fields: Texts, stem: string): string {
  const pieces: string[] = []
  while (fields[`${stem}${pieces.length}`] !== undefined) pieces.push(fields[`${stem}${pieces.length}`] ?? '')
  return pieces.join('')
}

/** What a text says in JSON, perhaps after a word; else the text. */
function readText(text: string): Json {
  const [, word, json] = /^([^{[\s]\S* )?([{[].*)$/s.exec(text) ?? []
  if (json === undefined) return text
  try {
    // Characters of control stand for longer pieces of text here.
    const escaped = json.replace(/\p{Cc}/gu, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
    const value: Json = JSON.parse(escaped)
    return word === undefined ? value : [word, value]
  } catch {
    return text
  }
}
