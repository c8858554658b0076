import { test } from 'tap'
import { Html, html } from '../src/html.ts'

test('text is escaped, in content and in quoted attributes', async (t) => {
  const text = `<b>"&'</b>`
  t.equal(html`<p title="${text}">${text}</p>`.text.match(/[<>]/g)?.length, 4)
  t.equal(html`${text}`.text, '&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt;')
})

test('HTML, and a list of it, is put in as it is', async (t) => {
  const items = ['a', '<'].map((item) => html`<li>${item}</li>`)
  t.equal(html`<ul>${items}</ul>${new Html('<hr>')}${[]}`.text, '<ul><li>a</li><li>&lt;</li></ul><hr>')
})
