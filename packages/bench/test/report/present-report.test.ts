import { test } from 'tap'
import { presentSection } from '../../src/report/present-report.ts'
import { createFinding } from '../../src/rounds.ts'

test('each line says how many times faster the measured one is', async (t) => {
  const findings = [
    createFinding('who-am-i/latchkey-hot', 'Latchkey', 'requests/s', [38_000, 40_000, 42_000]),
    createFinding('who-am-i/peer', 'a peer', 'requests/s', [8000, 8000, 8100]),
    createFinding('who-am-i/bytes', 'memory', 'bytes', [640.4])
  ]
  const lines = presentSection({ title: 'Who am I', findings, baseId: 'who-am-i/latchkey-hot' }).split('\n')
  t.match(lines[2], /^\| Latchkey +\| +40000 \| 38000 \| 42000 \| requests\/s \| +1 × \|/)
  t.match(lines[3], /^\| a peer +\| +8000 \| +8000 \| +8100 \| requests\/s \| +5 × \|/)
  t.match(lines[4], /^\| memory +\| +640 \| +\| +\| +bytes \| +\|/)
})
