import { spawn } from 'node:child_process'
import process from 'node:process'
import { test } from 'tap'
import { createLogger } from '../src/logger.ts'

function capture() {
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) }
  })
  return { logger, lines }
}

test('a line is one JSON object with level, service and UTC time', async (t) => {
  const { logger, lines } = capture()
  logger.info({ requestId: 'r1' }, 'hello\nworld')
  t.equal(lines.length, 1)
  const line = JSON.parse(lines[0] ?? '')
  t.match(line, { level: 'info', service: 'test', requestId: 'r1', msg: 'hello\nworld' })
  t.match(line.time, /^\d{4}-.*Z$/)
})

test('secrets do not pass, also where somebody logs a whole object', async (t) => {
  const { logger, lines } = capture()
  logger.info({ password: 'hunter2', body: { refreshToken: 'hunter2', deep: { authorization: 'hunter2' } } }, 'oops')
  t.notMatch(lines[0], 'hunter2')
})

test('an error is told by type, message, code and stack, without what drivers hang on it', async (t) => {
  const { logger, lines } = capture()
  const err = Object.assign(new Error('boom', { cause: new TypeError('inner') }), {
    code: '23505',
    parameters: ['hunter2']
  })
  logger.error({ err }, 'failed')
  t.match(JSON.parse(lines[0] ?? '').err, {
    type: 'Error',
    message: 'boom',
    code: '23505',
    cause: { type: 'TypeError' }
  })
  t.notMatch(lines[0], 'hunter2')
  logger.error({ err: 'hunter2' }, 'failed')
  t.notMatch(lines[1], 'hunter2')
})

/** A process of its own that logs a lot, and then says on standard error that it is still there. */
function startTalker() {
  const logger = new URL('../src/logger.ts', import.meta.url).href
  const script = `
    import { createLogger } from '${logger}'
    const log = createLogger({ service: 'talker', level: 'info' })
    process.stdin.once('data', () => {
      for (let line = 0; line < 1000; line += 1) log.info({ line }, 'said')
      setTimeout(() => process.stderr.write('alive', () => process.exit()), 50)
    })`
  return spawn(process.execPath, ['--conditions=@latchkey/source', '--input-type=module', '--eval', script])
}

test('a service whose log nobody reads any more lives on', async (t) => {
  const talker = startTalker()
  talker.stdout.destroy()
  talker.stdin.write('now')
  const said = (await talker.stderr.toArray()).join('')
  t.equal(said, 'alive')
})
