import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from 'tap'

const repository = new URL('../../../../', import.meta.url)
const text = await readFile(new URL('SECURITY.md', repository), 'utf8')
const paths = [...text.matchAll(/`((?:apps|packages|docker|docs|\.ci)\/[^`\s]+)`/g)].map(([, path = '']) => path)

test('every file that SECURITY.md names is there', async (t) => {
  t.ok(paths.length > 50)
  t.same(
    paths.filter((path) => !existsSync(new URL(path, repository))),
    []
  )
})

test('every row of it names a test, or says why there is none', async (t) => {
  const [, required = ''] = text.split('## What must hold')
  const rows = required.split('\n').filter((line) => line.startsWith('| ') && !/^\| (?:---|What )/.test(line))
  t.ok(rows.length > 60)
  t.same(
    rows.filter((row) => !/\.test\.ts`|Not (?:applicable|tested)/.test(row)),
    []
  )
})
