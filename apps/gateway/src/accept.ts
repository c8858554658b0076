/** Whether a client asks for that media type by name; `*` names nothing. */
export function accepts(header: string | undefined, mediaType: string): boolean {
  return header?.split(',').some((range) => range.split(';', 1)[0]?.trim().toLowerCase() === mediaType) ?? false
}
