import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { bundled } from "../../bundled.ts";
import { stoppedAtCalls } from "../../stopped-at-calls.ts";
import { Ledger } from "../ledger.ts";
import { openSqlite, scratch } from "../scratch.ts";

const writer = await bundled(new URL("./writes-until-killed.ts", import.meta.url));
/** How many write at a time in there. */
const WRITERS = 8;
const hasStrace = spawnSync("strace", ["-V"]).status === 0;

/** Runs until `bytes` of output came (or the end), then kills without warning. Resolves with all that was said. */
async function killAfter(bytes: number, command: string[]): Promise<string> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  let complained = "";
  child.stderr.on("data", (text) => {
    complained += text;
  });
  child.stdout.on("data", (text) => {
    said += text;
    if (said.length > bytes) child.kill("SIGKILL");
  });
  await once(child, "close");
  assert.match(said, /^ready /, complained);
  return said;
}

describe("a killed writer", () => {
  it("loses no acknowledged write, leaves none half done, and no revision is used twice", {}, async () => {
    const file = join(scratch(), "store.db");
    const ledger = new Ledger();
    for (let round = 0; round < 8; round++) {
      const bytes = 2_000 + Math.floor(Math.random() * 200_000);
      ledger.enter(await killAfter(bytes, [process.execPath, writer, file]));
      const store = await openSqlite(file);
      ledger.check(store, WRITERS * (round + 1));
      await store.close();
    }
    assert.ok(ledger.last > 50, `only ${ledger.last} writes in all rounds`);
  });
});

describe("a failing disk", { skip: hasStrace ? false : "strace IS MISSING: faults cannot be injected" }, () => {
  /** The last: only calls on this file. */
  const faults: [what: string, fault: string, of?: string][] = [
    ["an fsync fails", "fdatasync,fsync:error=EIO:when=20+"],
    ["the disk is full", "pwrite64:error=ENOSPC:when=120+"],
    ["a write fails once", "pwrite64:error=EIO:when=150"],
    ["the log cannot be moved into the file", "pwrite64:error=EIO:when=2+", "store.db"],
    ["the file does not reach the disk", "fdatasync,fsync:error=EIO:when=1+", "store.db"],
    ["it dies just before an fsync", "fdatasync,fsync:signal=SIGKILL:when=25"],
    ["it dies between two writes", "pwrite64:signal=SIGKILL:when=140"],
  ];
  it("is never needed to notice: every acknowledgement comes after an fsync of what was written", {}, async () => {
    const trace = join(scratch(), "trace");
    const strace = ["strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=pwrite64,fdatasync,fsync,write"];
    await killAfter(Number.POSITIVE_INFINITY, [
      ...strace,
      process.execPath,
      writer,
      join(scratch(), "store.db"),
      "50",
      "1",
    ]);
    let dirty = false;
    let acknowledged = 0;
    /** Threads in the middle of a sync of the log: strace breaks a call in two when another thread comes between. */
    const syncing = new Set<string>();
    for (const line of readFileSync(trace, "utf8").split("\n")) {
      const [thread = ""] = line.split(" ", 1);
      if (/sync\(.*store\.db-wal>.*<unfinished \.\.\.>$/.test(line)) syncing.add(thread);
      if (/sync resumed>.* = 0$/.test(line) && syncing.delete(thread)) dirty = false;
      if (/pwrite64\(.*store\.db-wal>/.test(line)) dirty = true;
      if (/sync\(.*store\.db-wal>.* = 0$/.test(line)) dirty = false;
      if (!/write\(.*"ack /.test(line)) continue;
      acknowledged += 1;
      assert.equal(dirty, false, line);
    }
    assert.equal(acknowledged, 50);
  });

  it("at any moment of the first start, or of the first one after a backup was restored, leaves a store that opens", async (t) => {
    const calls = "pwrite64,rename,ftruncate,unlink,write"; // What changes a file: a sync does not.
    const suffixes = ["", "-wal", "-journal", ".new", ".new-wal"];
    const backup = join(scratch(), "backup.db");
    const origin = await openSqlite(join(scratch(), "store.db"));
    await origin.backup(backup);
    await origin.close();
    for (const restored of [false, true]) {
      const folder = scratch();
      const file = join(folder, "store.db");
      if (restored) copyFileSync(backup, file);
      const paths = suffixes.map((suffix) => file + suffix);
      const steps = stoppedAtCalls(calls, [process.execPath, writer, file, "0"], paths);
      let step = await steps.next();
      let count = 0;
      for (; !step.done; step = await steps.next()) {
        count++;
        const killed = scratch();
        cpSync(folder, killed, { recursive: true });
        const store = await openSqlite(join(killed, "store.db"));
        assert.deepEqual([store.health, store.revision], [{ ok: true }, 0], `killed after call ${count}`);
        await store.close();
      }
      assert.match(step.value, /^ready/);
      assert.ok(count > 3, `only ${count} steps`);
      t.diagnostic(`${restored ? "a backup" : "the first start"}: ${count} calls`);
    }
  });

  for (const [what, fault, of] of faults) {
    it(`when ${what}: nothing more is acknowledged, nothing acknowledged is lost`, async () => {
      const file = join(scratch(), "store.db");
      if (of) await (await openSqlite(file)).close(); // what is under test comes after the file was made
      const only = of ? ["-P", join(file, "..", of)] : [];
      const strace = ["strace", "-f", "-qq", "-o", "/dev/null", ...only, "-e", `inject=${fault}`];
      const said = await killAfter(Number.POSITIVE_INFINITY, [...strace, process.execPath, writer, file, "3000"]);
      if (fault.includes("error="))
        assert.match(
          said,
          what === "the disk is full"
            ? /\nfailed \{"ok":false,"reason":"StoreFull",.*Free some space/
            : /\nfailed \{"ok":false,"reason":"StoreFailed",.*restart the daemon/,
        );
      assert.ok(said.split("\n").length < 3000, "the fault came before the end");
      const ledger = new Ledger();
      ledger.enter(said);
      const store = await openSqlite(file);
      ledger.check(store, WRITERS);
      await store.close();
    });
  }
});
