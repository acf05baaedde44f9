import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** All the forms in which a value may lie somewhere: as it is, in base64 at each of its three alignments, hex, URL-encoded, JSON, UTF-16. */
export function formsOf(value: string): { form: string; bytes: Buffer }[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((shift) => {
    // What depends on the neighbours at both ends is cut off.
    const whole = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return { form: `base64 after ${shift} bytes`, bytes: Buffer.from(whole.slice(shift === 0 ? 0 : 4, -2)) };
  });
  const twice = Buffer.from(bytes.toString("base64")).toString("base64").replace(/=+$/, "").slice(0, -3);
  return [
    { form: "plain", bytes },
    ...base64,
    { form: "base64 twice", bytes: Buffer.from(twice) },
    { form: "base64url", bytes: Buffer.from(bytes.toString("base64url").slice(0, -2)) },
    { form: "hex", bytes: Buffer.from(bytes.toString("hex")) },
    { form: "HEX", bytes: Buffer.from(bytes.toString("hex").toUpperCase()) },
    { form: "URL-encoded", bytes: Buffer.from(encodeURIComponent(value)) },
    { form: "JSON", bytes: Buffer.from(JSON.stringify(value).slice(1, -1)) },
    { form: "UTF-16LE", bytes: Buffer.from(value, "utf16le") },
    { form: "UTF-16BE", bytes: Buffer.from(value, "utf16le").swap16() },
  ];
}

/** Where any form of the values stands in the files of a folder: `FILE: FORM`. Links are not followed. */
export function findInFiles(folder: string, values: readonly string[]): string[] {
  const hits: string[] = [];
  const forms = values.flatMap(formsOf);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = readIfThere(path);
    for (const { form, bytes } of forms) if (content.includes(bytes)) hits.push(`${path}: ${form}`);
  }
  return hits;
}

/** Command lines of all processes, as far as they may be read. */
export function findInCommandLines(values: readonly string[]): string[] {
  const forms = values.flatMap(formsOf);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      const content = readIfThere(`/proc/${pid}/cmdline`);
      return forms.flatMap(({ form, bytes }) => (content.includes(bytes) ? [`process ${pid}: ${form}`] : []));
    });
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // It went away meanwhile.
  }
}
