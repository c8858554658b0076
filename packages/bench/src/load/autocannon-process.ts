import { readFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import autocannon, { type Request } from 'autocannon'
import Type from 'typebox'
import { announce, readTask } from '../processes/announce.ts'

const task = readTask(
  Type.Object({
    url: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    tokensFile: Type.Optional(Type.String()),
    seconds: Type.Number(),
    connections: Type.Number()
  })
)

/** One request whose token changes each time it is sent. */
function createRoundRobin(tokensFile: string): Request {
  const tokens = readFileSync(tokensFile, 'utf8').trimEnd().split('\n')
  let place = 0
  return {
    setupRequest: (request) => {
      place = (place + 1) % tokens.length
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${tokens[place]}` } }
    }
  }
}

// As in `wrk.ts`: whatever may share its core goes first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const { url, headers, tokensFile, seconds, connections } = task
const result = await autocannon({
  url,
  headers,
  connections,
  duration: seconds,
  ...(tokensFile === undefined ? {} : { requests: [createRoundRobin(tokensFile)] })
})
const { non2xx, errors, timeouts } = result
announce({ requestsPerSecond: result.requests.average, failures: non2xx + errors + timeouts })
process.exit()
