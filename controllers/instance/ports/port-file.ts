import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isObject } from "../../../lib/json-object.ts";
import { copyKey, type GivenPort } from "./given-port.ts";

/**
 * Remembers the numbers over restarts of the daemon: a line of JSON for each, a later one instead of an earlier one. Lines are appended without
 * waiting for the disk, as the records of runs: after a power cut the programs are gone too.
 */
export class PortFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** In the order of giving. A line that a power cut tore is left out. Writes what counts anew, so the file stays as long as the list. */
  read(): GivenPort[] {
    if (!existsSync(this.#path)) return [];
    const text = readFileSync(this.#path, "utf8");
    const byCopy = new Map<string, GivenPort>();
    const byPort = new Map<number, string>();
    for (const given of text.split("\n").flatMap(parsed)) {
      const key = copyKey(given);
      const before = byPort.get(given.port);
      if (before !== undefined && byCopy.get(before)?.port === given.port) byCopy.delete(before); // It was given on.
      byCopy.delete(key); // So that it counts as given now.
      byCopy.set(key, given);
      byPort.set(given.port, key);
    }
    const all = [...byCopy.values()];
    const wanted = all.map(line).join("");
    if (text !== wanted) {
      writeFileSync(`${this.#path}.new`, wanted, { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    }
    return all;
  }

  add(given: GivenPort): void {
    appendFileSync(this.#path, line(given), { mode: 0o600 });
  }
}

const line = (given: GivenPort): string => `${JSON.stringify(given)}\n`;

const isWithin = (value: unknown, lowest: number): boolean =>
  Number.isInteger(value) && (value as number) >= lowest && (value as number) <= 65_535;

function parsed(text: string): GivenPort[] {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return [];
    const { owner, index, name, port } = value;
    const isGiven = typeof owner === "string" && typeof name === "string" && isWithin(index, 0) && isWithin(port, 1);
    return isGiven ? [{ owner, index: index as number, name, port: port as number }] : [];
  } catch {
    return [];
  }
}
