/** A stranger's text without control and direction characters, halves of characters included, and not longer than `max`. */
export function plain(text: string, max: number): string {
  return text.slice(0, max).replaceAll(/\p{C}/gu, "?");
}
