/** The block that CreateProcessW wants: UTF-16, each entry ended by NUL and the whole by one more, sorted by name without regard to case. */
export function environmentBlock(entries: readonly string[]): Buffer {
  const sorted = [...entries].sort((a, b) => compare(fold(a), fold(b)));
  return Buffer.from(sorted.length === 0 ? "\0\0" : `${sorted.join("\0")}\0\0`, "utf16le");
}

/** The entries of a block, without those of cmd.exe that begin with "=". */
export function entriesOf(block: string): string[] {
  const end = block.indexOf("\0\0");
  return (end === -1 ? block : block.slice(0, end))
    .split("\0")
    .filter((entry) => entry !== "" && !entry.startsWith("="));
}

export function asRecord(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

/** Compares the names alone: "A=1" comes before "AB=1". By code unit, as RtlCompareUnicodeString does, not by the language of a person. */
function fold(entry: string): string {
  return entry.slice(0, entry.indexOf("=", 1)).toUpperCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
