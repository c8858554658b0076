import { test } from 'tap'
import { nameDevice } from '../../src/domain/name-device.ts'

const agents = {
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36':
    'Chrome on macOS',
  'curl/8.5.0': 'curl',
  '': 'Unknown device',
  '\u0000\u0001': 'Unknown device'
}

for (const [agent, name] of Object.entries(agents)) {
  test(`the agent ${JSON.stringify(agent.slice(0, 20))} is called ${name}`, async (t) => {
    t.equal(nameDevice(agent), name)
  })
}
