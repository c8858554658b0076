import { test } from 'tap'
import { chooseRung, describeMissing, packageName } from '../../src/provision/ladder.ts'

const nothing = { url: undefined, hasProgram: false, canInstall: false, dockerAnswers: false }
const everything = { url: 'redis://example:6379', hasProgram: true, canInstall: true, dockerAnswers: true }

test('a URL in the environment wins over everything', (t) => {
  t.equal(chooseRung(everything), 'url')
  t.end()
})

test('an empty URL counts as none', (t) => {
  t.equal(chooseRung({ ...everything, url: '' }), 'program')
  t.end()
})

test('a program on the machine wins over installing one, that over Docker', (t) => {
  t.equal(chooseRung({ ...everything, url: undefined, hasProgram: false }), 'package')
  t.equal(chooseRung({ ...nothing, dockerAnswers: true }), 'docker')
  t.equal(chooseRung(nothing), 'none')
  t.end()
})

test('what cannot be provided is told in one line with the command for the platform', (t) => {
  t.equal(
    describeMissing(['redis', 'nats'], 'apt'),
    'Redis and NATS not found and could not be installed unattended; run: sudo apt-get install redis-server nats-server ' +
      '(or start Docker, or set REDIS_URL and NATS_URL)'
  )
  t.match(describeMissing(['redis'], 'brew'), 'brew install redis ')
  t.match(describeMissing(['redis'], 'dnf'), 'dnf install valkey ')
  t.match(describeMissing(['nats'], undefined), 'put nats-server on your PATH')
  t.equal(packageName('postgres', 'apt'), 'postgresql')
  t.end()
})
