/**
 * Opens the store named by the first argument and writes for ever, several at a time. Prints `ready REVISION`, then what was
 * acknowledged as `ack REVISION PATH VALUE` (VALUE `-` for a deletion), after each acknowledgement and in one write each. With a count as
 * second argument it stops after that many and prints `failed HEALTH` when a write was refused. Third argument: how many writers (8). With
 * `patient` as fourth, it prints `refused HEALTH`, waits until the store takes writes again, and goes on.
 */
import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { SqliteStore } from "../../../store/sqlite/sqlite-store.ts";
import { object, pathOf, revisionOf } from "../objects.ts";

const [file = "", count = "Infinity", writers = "8", manner = ""] = process.argv.slice(2);
const store = await SqliteStore.open({
  file,
  logger: silentLogger,
  clock: systemClock,
  history: { count: 100, ageMs: 0 },
});

/** The reader may be slow: a write to a full non-blocking pipe fails with EAGAIN, and is tried again. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
say(`ready ${store.revision} ${JSON.stringify(store.health)}`);

let left = Number(count);
async function write(writer: number): Promise<void> {
  for (let turn = 0; left > 0; turn++) {
    left -= 1;
    await writeOne(writer, turn).catch(recovered);
  }
}

async function recovered(error: unknown): Promise<void> {
  if (manner !== "patient") throw error;
  say(`refused ${JSON.stringify(store.health)}`);
  while (!store.health.ok) await pause(20);
}

async function writeOne(writer: number, turn: number): Promise<void> {
  const name = `w${writer}-${turn % 3}`;
  const found = store.get(pathOf(name));
  const value = `${process.pid}.${turn}.${"x".repeat((turn * 37) % 3000)}`;
  if (!found) say(`ack ${revisionOf(await store.create(pathOf(name), object(name, value)))} ${name} ${value}`);
  else if (turn % 5 === 4) say(`ack ${revisionOf(await store.delete(pathOf(name), revisionOf(found)))} ${name} -`);
  else
    say(`ack ${revisionOf(await store.update(pathOf(name), object(name, value), revisionOf(found)))} ${name} ${value}`);
}

try {
  await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)));
} catch {
  say(`failed ${JSON.stringify(store.health)}`);
}
await store.close();
