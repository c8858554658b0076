/** Quotes only where Node's loader needs it; it knows three kinds of quotes and no escapes inside the first two. */
function quote(value: string): string {
  if (/^[\w.:/@,+=?&%-]*$/.test(value)) return value
  const mark = ["'", '"', '`'].find((candidate) => !value.includes(candidate))
  if (mark === undefined) throw new Error('a value with all three kinds of quotes cannot be written to an env file')
  return `${mark}${value}${mark}`
}

/** Text for `node --env-file`; a variable without a value is shown as a comment, it may be set by hand. */
export function formatEnvFile(variables: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(variables).map(([name, value]) =>
    value === undefined ? `# ${name}=` : `${name}=${quote(value)}`
  )
  return `${lines.join('\n')}\n`
}

/** Lines for `eval "$(…)"` in any POSIX shell. */
export function formatShellExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
    .join('\n')
}
