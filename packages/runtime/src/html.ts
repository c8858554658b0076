/** A piece of HTML that may be put into another one as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = string | Html | readonly Html[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** A template whose values are text, and escaped, unless they are HTML already. Attributes are to be quoted. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const rendered = values.map(render)
  return new Html(strings.map((string, index) => string + (rendered[index] ?? '')).join(''))
}

function render(value: Value): string {
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
  return value instanceof Html ? value.text : value.map(({ text }) => text).join('')
}
