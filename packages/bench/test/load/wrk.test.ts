import { test } from 'tap'
import { readOutput } from '../../src/load/wrk.ts'

const output = `Running 1s test @ http://127.0.0.1:3000
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.06ms    1.20ms  23.63ms   98.17%
    Req/Sec    64.55k     3.97k   68.53k    90.00%
  63932 requests in 1.00s, 10.36MB read
Requests/sec:  63759.92
Transfer/sec:     10.34MB
`

test('the rate is read from the summary', async (t) => {
  t.same(readOutput(output), { requestsPerSecond: 63_759.92, failures: 0 })
})

test('refused requests and lost ones count as failures', async (t) => {
  const faults =
    '  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 100\nRequests/sec:'
  t.equal(readOutput(output.replace('Requests/sec:', faults)).failures, 110)
})

test('an output without a rate is a fault', async (t) => {
  t.throws(() => readOutput('unable to connect to 127.0.0.1:1 Connection refused'))
})
