import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Service, services } from '../settings.ts'

/** The services' output, taken from turbo's one stream to a file for each. */
export interface ServiceLog {
  append(chunk: string): void
  /** The last thing the service itself said, for a message of one line. */
  lastWords(service: Service): string | undefined
}

const prefix = /^@latchkey\/(\w+):dev: ?(.*)$/
/** What pnpm and `node --watch` say around the service's own words. */
const surroundings = /^(>|\$ |Failed running|Completed running|Restarting|Waiting for|cache bypass|\s*at |Node\.js v|$)/
const crash = /^Failed running /
const restart = /^Restarting /
const complaint = /error|configuration|in use|missing|must be|cannot|failed/i
const recentLines = 40

function presentLine(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const record: unknown = JSON.parse(line)
    if (typeof record !== 'object' || record === null) return line
    const cause =
      'err' in record && record.err instanceof Object && 'message' in record.err ? `: ${record.err.message}` : ''
    return 'msg' in record && typeof record.msg === 'string' ? `${record.msg}${cause}` : line
  } catch {
    return line
  }
}

/** `onCrash` is told when a service ended by itself and waits for a change of its sources. */
export function createServiceLog(folder: string, onCrash: (service: Service) => void): ServiceLog {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const recent = new Map<Service, string[]>()
  let rest = ''

  const appendLine = (line: string): void => {
    const [, name, text = ''] = prefix.exec(line) ?? []
    const service = services.find((candidate) => candidate === name)
    appendFileSync(join(folder, `${service ?? 'turbo'}.log`), `${service === undefined ? line : text}\n`, {
      mode: 0o600
    })
    if (service === undefined) return
    if (restart.test(text)) recent.delete(service)
    if (crash.test(text)) onCrash(service)
    else if (!surroundings.test(text))
      recent.set(service, [...(recent.get(service) ?? []), presentLine(text)].slice(-recentLines))
  }
  return {
    append: (chunk) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) appendLine(line)
    },
    lastWords: (service) => {
      const lines = recent.get(service) ?? []
      return lines.findLast((line) => complaint.test(line)) ?? lines.at(-1)
    }
  }
}
