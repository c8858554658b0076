import { test } from 'tap'
import { nameDevice } from '../src/name-device.ts'

const browsers = {
  'Chrome on macOS':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Microsoft Edge on Windows':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
  'Safari on iOS':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Firefox on Linux': 'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0'
}

test('a browser is named with its system, without versions', async (t) => {
  for (const [name, userAgent] of Object.entries(browsers)) t.equal(nameDevice(userAgent), name)
})

test('a program is named by its first product', async (t) => {
  t.equal(nameDevice('curl/8.5.0'), 'curl')
  t.equal(nameDevice('okhttp/4.12.0'), 'okhttp')
})

test('what says nothing is an unknown device', async (t) => {
  for (const userAgent of ['', '   ', '漢字', '/1.0', '\u0000\u0001']) t.equal(nameDevice(userAgent), 'Unknown device')
})

test('hostile agents get a short name', async (t) => {
  const agents = ['x'.repeat(10_000), '(((('.repeat(2500), '<script>alert(1)</script>', 'Chrome/'.repeat(1400)]
  t.ok(agents.every((userAgent) => nameDevice(userAgent).length <= 80))
})
