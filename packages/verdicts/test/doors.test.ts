import { execFile } from 'node:child_process'
import { env, execPath } from 'node:process'
import { promisify } from 'node:util'
import { test } from 'tap'

const DOORS = ['holder', 'authority']

async function resolveDoors(conditions: readonly string[]): Promise<string[]> {
  const source = `console.log(${DOORS.map((door) => `import.meta.resolve('@latchkey/verdicts/${door}')`)})`
  const args = [...conditions.map((name) => `--conditions=${name}`), '--input-type=module', '-e', source]
  const { stdout } = await promisify(execFile)(execPath, args, { env: { PATH: env.PATH } })
  return stdout.trim().split(' ')
}

test('only a test build opens the doors that can break rules', async (t) => {
  for (const url of await resolveDoors(['@latchkey/mutants', '@latchkey/source'])) t.match(url, '/test/mutants/')
  for (const url of await resolveDoors(['@latchkey/source'])) t.match(url, '/verdicts/src/')
  for (const url of await resolveDoors([])) t.match(url, '/verdicts/dist/')
})

test('a process of a test build breaks the rules that its environment names', async (t) => {
  const source = `import { HOLDER_RULE_NAMES, readBrokenRules } from '@latchkey/verdicts/testing'
    console.log(JSON.stringify(readBrokenRules(HOLDER_RULE_NAMES)))`
  const args = ['--conditions=@latchkey/source', '--input-type=module', '-e', source]
  const environment = { PATH: env.PATH, LATCHKEY_BROKEN_RULES: 'dropsOnLapse,unknown,checksSequence' }
  const { stdout } = await promisify(execFile)(execPath, args, { env: environment })
  t.same(JSON.parse(stdout), { dropsOnLapse: false, checksSequence: false })
})
