/** A long text in pieces of `size` characters. */
export function* slices(text: string, size: number): Generator<string, undefined> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

/** Parts joined to pieces of at least `size` characters, but for the last one. */
export function* inChunks(parts: Iterable<string>, size: number): Generator<string, undefined> {
  let piece = "";
  for (const part of parts) {
    piece += part;
    if (piece.length < size) continue;
    yield piece;
    piece = "";
  }
  if (piece) yield piece;
}
