const HOUR_MS = 3_600_000
/** A time that is further away was not written down by who is being watched. */
const FARTHEST_MS = 2 * 365 * 24 * HOUR_MS
/** Clocks are rounded. */
const SLACK_MS = 1000
const TIME_BYTES = 6
/** The first of them until 2039. */
const FIRST_BYTE = '\u0001'

/** Between the two whatever is looked at was written. */
export interface Period {
  readonly fromMs: number
  readonly toMs: number
}

type When = '' | ' later' | ' earlier'

function findWhen(ms: number, { fromMs, toMs }: Period): When | undefined {
  if (ms >= fromMs - SLACK_MS && ms <= toMs + SLACK_MS) return ''
  if (Math.abs(ms - toMs) > FARTHEST_MS) return undefined
  return ms > toMs ? ' later' : ' earlier'
}

/**
 * The text with a name in the place of each time: `<ms>` for that of the period, `<ms later>` and `<ms earlier>` for those
 * around it, likewise `<s>`, `<min>` (of the period only), `<iso>`, and `<bytes>` for milliseconds in six bytes. Each
 * character of the text stands for a byte.
 */
export function nameTimes(text: string, period: Period): string {
  const name = (unit: string, ms: number, found: string) => {
    const when = findWhen(ms, period)
    return when === undefined ? found : `<${unit}${when}>`
  }
  return nameBytes(text, (ms, found) => name('bytes', ms, found))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (found) => name('iso', Date.parse(found), found))
    .replace(/(?<!\d)(0*)(\d{13})(?!\d)/g, (found, zeros: string, digits: string) => {
      const named = name('ms', Number(digits), found)
      return named === found ? found : `${zeros}${named}`
    })
    .replace(/(?<!\d)\d{10}(?!\d)/g, (found) => name('s', Number(found) * 1000, found))
    .replace(/(?<!\d)\d{8}(?!\d)/g, (found) => (isMinuteOf(Number(found), period) ? '<min>' : found))
}

function isMinuteOf(minute: number, { fromMs, toMs }: Period): boolean {
  return minute >= Math.floor(fromMs / 60_000) && minute <= Math.floor(toMs / 60_000)
}

function nameBytes(text: string, name: (ms: number, found: string) => string): string {
  const parts: string[] = []
  for (let at = 0; at < text.length; ) {
    const found = text.slice(at, at + TIME_BYTES)
    const isWhole = found.length === TIME_BYTES && found.startsWith(FIRST_BYTE)
    const named = isWhole ? name(Buffer.from(found, 'latin1').readUIntBE(0, TIME_BYTES), found) : found
    parts.push(named === found ? found.slice(0, 1) : named)
    at += named === found ? 1 : TIME_BYTES
  }
  return parts.join('')
}

/** The text with a time in the place of each name: `nowMs`, an hour later, or an hour earlier. */
export function fillTimes(text: string, nowMs: number): string {
  return text.replace(/<(ms|s|min|iso|bytes)( later| earlier|)>/g, (_, unit: string, when: When) =>
    write(unit, nowMs + (when === '' ? 0 : when === ' later' ? HOUR_MS : -HOUR_MS))
  )
}

function write(unit: string, ms: number): string {
  if (unit === 'iso') return new Date(ms).toISOString()
  if (unit === 's') return String(Math.floor(ms / 1000))
  if (unit === 'min') return String(Math.floor(ms / 60_000))
  if (unit === 'ms') return String(ms)
  const bytes = Buffer.alloc(TIME_BYTES)
  bytes.writeUIntBE(ms, 0, TIME_BYTES)
  return bytes.toString('latin1')
}
