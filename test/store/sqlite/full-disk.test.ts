import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isReason } from "../../../api/errors.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { type Batch, type Journal, JournalError } from "../../../store/journal.ts";
import { JournaledStore } from "../../../store/journaled-store.ts";
import { nothing } from "../../../store/recover.ts";
import { full } from "../../../store/sqlite/errors.ts";
import { bundled } from "../../bundled.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { Ledger } from "../ledger.ts";
import { object, pathOf, revisionOf } from "../objects.ts";
import { openSqlite, scratch } from "../scratch.ts";

/** A disk that the test fills and clears. */
class Disk implements Journal {
  onBroken?: (error: JournalError) => void;
  readonly batches: Batch[] = [];
  error: JournalError | undefined;

  async commit(batch: Batch): Promise<void> {
    await Promise.resolve();
    if (this.error) throw this.error;
    this.batches.push(batch);
  }

  async probe(): Promise<void> {
    if (this.error) throw this.error;
  }

  async close(): Promise<void> {}
}

const noRoom = (): JournalError => new JournalError(full("store.db"));
const broken = (): JournalError => new JournalError({ ok: false, reason: "StoreFailed", message: "an fsync failed" });

function setUp() {
  const disk = new Disk();
  const clock = new FakeClock();
  const store = new JournaledStore(
    disk,
    nothing(),
    { ok: true },
    { logger: silentLogger, clock, history: { count: 2, ageMs: 0 } },
  );
  const create = (name: string) => store.create(pathOf(name), object(name));
  return { disk, clock, store, create };
}

const refused = (error: unknown): boolean => isReason(error, "ServiceUnavailable");

describe("a store that commits", () => {
  it("says so once for each batch, when it is on its way and not yet there", async () => {
    const { disk, store, create } = setUp();
    const told: number[] = [];
    store.onCommit = () => told.push(store.revision, disk.batches.length);
    await Promise.all(["a", "b", "c"].map(create));
    assert.deepEqual(told, [0, 0]);
    await create("d");
    assert.deepEqual(told, [0, 0, 3, 1]);
  });
});

describe("a store whose disk is full", () => {
  it("refuses writes, tries again, and goes on with revisions that nobody has seen", async () => {
    const { disk, clock, store, create } = setUp();
    await create("a");
    disk.error = noRoom();
    await assert.rejects(create("b"), refused);
    assert.equal(store.health.ok, false);
    await assert.rejects(create("c"), refused);
    await clock.advanceAsync(10_000);
    assert.equal(store.health.ok, false, "still no room");
    disk.error = undefined;
    await clock.advanceAsync(2_000);
    assert.deepEqual(store.health, { ok: true });
    assert.deepEqual([store.revision, store.get(pathOf("b"))], [1, undefined]);
    assert.equal(revisionOf(await create("b")), 3);
    assert.equal(clock.pending, 0);
  });

  it("publishes the part of a batch that is durable, and refuses the rest", async () => {
    const { disk, clock, store, create } = setUp();
    disk.error = Object.assign(noRoom(), { durable: 2 });
    const seen: number[] = [];
    const ended = new AbortController();
    const watching = (async () => {
      for await (const { revision } of store.watch("", { after: 0, signal: ended.signal })) seen.push(revision);
    })();
    const outcomes = await Promise.allSettled(["a", "b", "c", "d"].map(create));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "fulfilled", "rejected", "rejected"],
    );
    assert.equal(store.revision, 2);
    disk.error = undefined;
    await clock.advanceAsync(2_000);
    assert.equal(revisionOf(await create("c")), 5);
    ended.abort();
    await watching;
    assert.deepEqual(seen, [1, 2, 5]);
  });

  it("tells who waits for what was accepted that it does not come, and who waits for what did that it is there", async () => {
    const { disk, clock, store, create } = setUp();
    disk.error = Object.assign(noRoom(), { durable: 1 });
    const outcomes = Promise.allSettled([
      create("a"),
      create("b"),
      store.caughtUp(1),
      store.caughtUp(2),
      store.caughtUp(),
    ]);
    const said = (await outcomes).map((one) => (one.status === "fulfilled" ? "came" : String(one.reason.reason)));
    assert.deepEqual(said, ["came", "ServiceUnavailable", "came", "ServiceUnavailable", "ServiceUnavailable"]);
    await assert.rejects(store.caughtUp(2), refused);
    disk.error = undefined;
    await clock.advanceAsync(2_000);
    await store.caughtUp();
    await store.caughtUp(2);
    const again = create("c");
    await store.caughtUp();
    assert.equal(store.revision, revisionOf(await again));
  });

  it("lets a batch that is under way have its own answer, when the room runs out between two", async () => {
    const { disk, clock, store, create } = setUp();
    const first = create("a");
    await Promise.resolve(); // the batch is under way
    await Promise.resolve();
    disk.onBroken?.(noRoom());
    assert.equal(revisionOf(await first), 1);
    assert.equal(store.health.ok, false);
    await clock.advanceAsync(2_000);
    assert.deepEqual(store.health, { ok: true });
    assert.equal(revisionOf(await create("b")), 2);
  });

  it("forgets what may be forgotten when there is room again", async () => {
    const { disk, clock, create } = setUp();
    for (const name of ["a", "b", "c", "d"]) await create(name);
    disk.error = noRoom();
    await assert.rejects(create("e"), refused);
    disk.error = undefined;
    await clock.advanceAsync(2_000);
    await create("f");
    assert.deepEqual(
      disk.batches.at(-1)!.forgotten.map(({ path }) => path),
      [pathOf("b")],
    );
  });

  it("is never tried again after any other failure, nor when it is closed", async () => {
    const { disk, clock, store, create } = setUp();
    disk.error = noRoom();
    await assert.rejects(create("a"), refused);
    disk.error = broken();
    await clock.advanceAsync(2_000);
    disk.error = undefined;
    await clock.advanceAsync(60_000);
    assert.deepEqual([store.health.ok, clock.pending], [false, 0]);
    const other = setUp();
    other.disk.error = noRoom();
    await assert.rejects(other.create("a"), refused);
    await other.store.close();
    assert.equal(other.clock.pending, 0);
  });
});

const writer = await bundled(new URL("./writes-until-killed.ts", import.meta.url));
const hasStrace = spawnSync("strace", ["-V"]).status === 0;

describe("SqliteStore on a disk that is full for a while", {
  skip: hasStrace ? false : "strace IS MISSING: faults cannot be injected",
}, () => {
  const faults: [what: string, of: string, fault: string][] = [
    ["no room in the log", "store.db-wal", "pwrite64:error=ENOSPC:when=60..61"],
    ["no room for one page of a transaction", "store.db-wal", "pwrite64:error=ENOSPC:when=101"],
    ["no room when the log is moved into the file", "store.db", "pwrite64:error=ENOSPC:when=3..4"],
  ];
  for (const [what, of, fault] of faults) {
    it(`${what}: takes writes again without a restart, and all of them are there after one`, {}, async () => {
      const file = join(scratch(), "store.db");
      await (await openSqlite(file)).close();
      const strace = [
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-o",
        "/dev/null",
        "-P",
        join(file, "..", of),
        "-e",
        "trace=pwrite64",
        "-e",
        `inject=${fault}`,
      ];
      const output = join(file, "..", "said");
      const command = [...strace, process.execPath, writer, file, "1500", "8", "patient"];
      const child = spawn("strace", command, { stdio: ["ignore", openSync(output, "w"), "inherit"] });
      await once(child, "close");
      const said = readFileSync(output, "utf8");
      assert.match(said, /\nrefused \{"ok":false,"reason":"StoreFull"/, "it was full");
      assert.doesNotMatch(said, /StoreFailed/);
      const afterwards = said.slice(said.lastIndexOf("\nrefused "));
      assert.ok(afterwards.split("\nack ").length > 100, "it went on");
      const ledger = new Ledger();
      ledger.enter(said);
      const store = await openSqlite(file);
      ledger.check(store, 0);
      assert.equal(store.revision, ledger.last, "nothing that was refused came back");
      await store.close();
    });
  }
});
