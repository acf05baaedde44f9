import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";

/**
 * Random bytes that a data directory keeps, in hexadecimal digits. The first call makes them; later calls give the same. The file is whole or absent,
 * also when the daemon is killed in between, and of two makers one wins. Throws with `advice` when the file holds anything else.
 */
export function readOrCreateRandom(file: string, bytes: number, advice: string): string {
  if (!existsSync(file)) make(file, bytes);
  const text = readFileSync(file, "utf8").trim();
  if (text.length === bytes * 2 && /^[0-9a-f]+$/.test(text)) return text;
  throw new Error(`${file} does not hold ${bytes * 2} hexadecimal digits: ${advice}`);
}

function make(file: string, bytes: number): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${randomBytes(bytes).toString("hex")}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(fresh);
  }
}
