import { test } from 'tap'
import { presentReady } from '../../src/report/ready-block.ts'

const facts = {
  seconds: 4.21,
  ports: { gateway: 3000, auth: 1, session: 2, activity: 3 },
  versions: { postgres: '18.4', redis: '8.0', nats: '2.12' },
  dataFolder: '.latchkey',
  postgresFolder: undefined
}

test('the block has at most twelve lines and both addresses of the gateway', (t) => {
  const block = presentReady(facts)
  t.ok(block.split('\n').length <= 12)
  t.match(block, 'ready in 4.2 s')
  t.match(block, 'http://localhost:3000 and http://127.0.0.1:3000')
  t.match(block, 'PostgreSQL 18.4, Redis 8.0, NATS 2.12')
  t.end()
})

test('data of PostgreSQL that had to be elsewhere is told', (t) => {
  t.match(presentReady({ ...facts, postgresFolder: '/var/lib/x' }), '.latchkey (PostgreSQL: /var/lib/x)')
  t.end()
})
