/** A line of a text in UTF-8; `text` is `undefined` where there is a fault. Empty ones count, and are left out. */
export type Line =
  | { readonly number: number; readonly text: string; readonly fault: undefined }
  | { readonly number: number; readonly text: undefined; readonly fault: 'too_long' | 'not_utf8' }

const NEWLINE = 0x0a
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Splits bytes into lines without keeping more than one of them, nor any that is longer than `maxBytes`. */
export function* splitLines(chunks: Iterable<Buffer>, maxBytes: number): Generator<Line> {
  let number = 1
  let pieces: Buffer[] = []
  let size = 0
  const take = (piece: Buffer): void => {
    size += piece.length
    if (size <= maxBytes) pieces.push(piece)
    else pieces = []
  }

  for (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end))
      const line = readLine(number, pieces, size > maxBytes)
      if (line !== undefined) yield line
      start = end + 1
      number += 1
      pieces = []
      size = 0
    }
    take(chunk.subarray(start))
  }
  const last = readLine(number, pieces, size > maxBytes)
  if (last !== undefined) yield last
}

function readLine(number: number, pieces: readonly Buffer[], isTooLong: boolean): Line | undefined {
  if (isTooLong) return { number, text: undefined, fault: 'too_long' }
  try {
    const text = decoder.decode(Buffer.concat(pieces))
    return text.trim() === '' ? undefined : { number, text, fault: undefined }
  } catch {
    return { number, text: undefined, fault: 'not_utf8' }
  }
}
