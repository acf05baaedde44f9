import { createHash } from "node:crypto";

/** The same GUID for the same text, in the registry's writing: builds of the same sources are the same. */
export function stableGuid(text: string): string {
  const bytes = createHash("sha256").update(`wctl:${text}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80; // Version 8: custom (RFC 9562).
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
