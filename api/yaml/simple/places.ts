import type { Place } from "../composed.ts";
import { documents } from "./documents.ts";
import { locate, type Marks } from "./marks.ts";

/** The place of a field in one of the documents that hold something, by its index. The text is read again, with marks. */
export function placesOf(text: string): (index: number, path: string) => Place | undefined {
  const marks: Marks = new Map();
  const roots = documents(text, marks);
  const starts = lineStarts(text);
  return (index, path) => {
    const offset = locate(roots[index]!, marks, path);
    return offset === undefined ? undefined : placeAt(starts, offset);
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that begins at `offset` or before it. */
function placeAt(starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - starts[low]! + 1 };
}
