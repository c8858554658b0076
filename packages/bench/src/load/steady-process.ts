import Type from 'typebox'
import { announce, readTask } from '../processes/announce.ts'
import { createHttpClient } from './http-client.ts'

const { urls, headers, ratePerSecond } = readTask(
  Type.Object({
    urls: Type.Array(Type.String()),
    headers: Type.Record(Type.String(), Type.String()),
    ratePerSecond: Type.Number()
  })
)

const TICK_MS = 5
const client = createHttpClient()
let [asked, due] = [0, 0]

/** Asks at a fixed rate, however long answers take, until the process is ended. */
setInterval(() => {
  for (due += (ratePerSecond * TICK_MS) / 1000; due >= 1; due -= 1) {
    asked += 1
    client.ask({ method: 'GET', url: urls[asked % urls.length] ?? '', headers }).catch(() => undefined)
  }
}, TICK_MS)
announce({ started: true })
