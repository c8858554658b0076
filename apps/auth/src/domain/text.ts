const CONTROLS = /[\p{Cc}\u2028\u2029]/u

/** Can be stored, shown and logged as it is: no lone surrogate, NUL, other control character or line separator. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !CONTROLS.test(text)
}

export function countCodePoints(text: string): number {
  return Array.from(text).length
}
