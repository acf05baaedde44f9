/** Of all Warning headers together, as the real server. */
const MOST_WARNING_TEXT = 4096;

/** The values of the header `Warning` (RFC 7234, 5.5) that say these texts, as many as there is room for. */
export function warningHeader(texts: readonly string[]): string[] {
  let left = MOST_WARNING_TEXT;
  return texts
    .map((text) => `299 - "${quoted(text)}"`)
    .filter((value) => {
      left -= value.length;
      return left >= 0;
    });
}

/** Header values are Latin-1 without control characters; quotes and backslashes are escaped (RFC 9110 5.6.4). */
const quoted = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "\\$&");
