import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { execArgv, execPath } from 'node:process'
import { promisify } from 'node:util'
import { test } from 'tap'

const run = promisify(execFile)
const program = join(import.meta.dirname, '../src/keys-generate.ts')
const conditions = execArgv.filter((argument) => argument.startsWith('--conditions'))

test('the first key is made once, and the next one when it is asked for', async (t) => {
  const folder = join(t.testdir(), 'keys')
  const generate = (...args: string[]) =>
    run(execPath, [...conditions, program, ...args], { env: { SIGNING_KEYS_DIR: folder, TOKEN_ALG: 'ES256' } })
  const { stdout } = await generate()
  t.match(stdout, /made/)
  await generate()
  t.equal((await readdir(folder)).length, 1)
  await generate('--rotate')
  const files = await readdir(folder)
  t.equal(files.length, 2)
  const modes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).mode & 0o777))
  t.same(modes, [0o600, 0o600])
})

test('a missing variable is one line', async (t) => {
  const failure: unknown = await run(execPath, [...conditions, program], { env: {} }).catch((err: unknown) => err)
  t.match(failure, { code: 1, stderr: /^configuration: SIGNING_KEYS_DIR is missing.*\n$/ })
})
