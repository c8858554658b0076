/** One message or command of the NATS protocol, with its bytes as they came. */
export interface Frame {
  readonly bytes: Buffer
  /** `undefined` for anything but a message. */
  readonly subject: string | undefined
}

const END_OF_LINE = '\r\n'
/** `PUB` and `MSG` end with the size of what follows the line, those with headers (`H`) too. */
const MESSAGE = /^H?(?:PUB|MSG) (\S+) .*?(\d+)$/

/** Cuts one direction of a NATS connection into its frames. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0)

  /** The frames that are whole with this chunk. */
  cut(chunk: Buffer): Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: Frame[] = []
    let at = 0
    for (;;) {
      const frame = cutOne(bytes, at)
      if (frame === undefined) break
      frames.push(frame)
      at += frame.bytes.length
    }
    this.#rest = bytes.subarray(at)
    return frames
  }
}

function cutOne(bytes: Buffer, start: number): Frame | undefined {
  const lineEnd = bytes.indexOf(END_OF_LINE, start)
  if (lineEnd < 0) return undefined
  const [, subject, size] = MESSAGE.exec(bytes.toString('latin1', start, lineEnd)) ?? []
  const payload = subject === undefined ? 0 : Number(size) + END_OF_LINE.length
  const end = lineEnd + END_OF_LINE.length + payload
  return end > bytes.length ? undefined : { bytes: bytes.subarray(start, end), subject }
}
