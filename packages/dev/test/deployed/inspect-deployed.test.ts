import { join } from 'node:path'
import { test } from 'tap'
import { inspectDeployed } from '../../src/deployed/inspect-deployed.ts'

test('a folder with the app and what it runs on brings nothing foreign', async (t) => {
  const folder = t.testdir({
    'package.json': '{}',
    dist: { 'main.js': '12345678' },
    node_modules: {
      '.bin': { tap: '' },
      '.pnpm': { 'fastify@5.12.8': { node_modules: { fastify: { 'package.json': '{}', lib: { 'tap.js': '' } } } } },
      '@latchkey': { contracts: { 'package.json': '{}' } },
      fastify: t.fixture('symlink', '.pnpm/fastify@5.12.8/node_modules/fastify')
    }
  })
  t.same(inspectDeployed(folder, 'auth'), { bytes: 14, foreign: [] })
})

test('another app and what only development needs are found however deep they lie', async (t) => {
  const folder = t.testdir({
    node_modules: {
      '.pnpm': {
        'a@1.0.0': { node_modules: { typescript: { 'package.json': '' }, '@biomejs': { biome: {} } } },
        'b@1.0.0': { node_modules: { turbo: {}, '@latchkey': { session: {}, auth: {}, testing: {} } } }
      },
      tap: t.fixture('symlink', join('..', 'elsewhere'))
    }
  })
  t.same(inspectDeployed(folder, 'auth').foreign, [
    '@biomejs/biome',
    '@latchkey/session',
    '@latchkey/testing',
    'tap',
    'turbo',
    'typescript'
  ])
})
