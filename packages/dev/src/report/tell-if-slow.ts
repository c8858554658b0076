const slowMs = 3_000

/** Prints one line when `work` has taken longer than three seconds, so that nobody wonders. */
export async function tellIfSlow<T>(title: string, work: Promise<T>, print: (line: string) => void): Promise<T> {
  const timer = setTimeout(() => print(`${title} …`), slowMs)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}
