import { writeFile } from 'node:fs/promises'
import { renderOpenApiDocument } from './openapi-document.ts'

await writeFile(new URL('../openapi.json', import.meta.url), await renderOpenApiDocument())
process.exit()
