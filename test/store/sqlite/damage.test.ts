import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Version } from "../../../store/journal.ts";
import { DatabaseSync } from "../../../store/sqlite/node-sqlite.ts";
import { SqliteInspection } from "../../../store/sqlite/sqlite-inspection.ts";
import type { StoreHealth } from "../../../store/store.ts";
import { repeats } from "../../repeats.ts";
import { object, pathOf } from "../objects.ts";
import { openSqlite, scratch } from "../scratch.ts";

/** The same numbers in every run, so that a failure can be repeated. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const folder = scratch();
const at = (name: string): string => join(folder, name);
const STORE = "store.db";
const LOG = "store.db-wal";
const MARK = "store.id";

interface Seen {
  health: StoreHealth;
  versions: Version[];
}

/** What the worker does when it opens a store, without the thread: a few hundred of these take seconds. */
function inspect(): Seen {
  const inspection = new SqliteInspection(at(STORE), at(MARK));
  const versions: Version[] = [];
  for (let batch = inspection.read(); batch.length > 0; batch = inspection.read()) versions.push(...batch);
  inspection.close();
  return { health: inspection.health, versions };
}

/** A store in two states: after an orderly end (one file), and as a killed daemon leaves it (with a log). */
const states: Record<"closed" | "killed", Map<string, Buffer>> = { closed: new Map(), killed: new Map() };
const written: Record<"closed" | "killed", string[]> = { closed: [], killed: [] };

function put(state: "closed" | "killed"): void {
  rmSync(at("store.db-shm"), { force: true });
  for (const name of [STORE, LOG, MARK]) {
    const content = states[state].get(name);
    if (content) writeFileSync(at(name), content);
    else rmSync(at(name), { force: true });
  }
}

function take(state: "closed" | "killed", names: string[]): void {
  for (const name of names) states[state].set(name, readFileSync(at(name)));
}

before(async () => {
  let store = await openSqlite(at(STORE), { history: { count: 50, ageMs: 0 } });
  for (let n = 0; n < 120; n++) await store.create(pathOf(`p${n}`), object(`p${n}`, "x".repeat(n * 7)));
  for (let n = 0; n < 40; n++) await store.delete(pathOf(`p${n}`), n + 1);
  await store.close();
  take("closed", [STORE, MARK]);
  store = await openSqlite(at(STORE), { history: { count: 50, ageMs: 0 } });
  for (let n = 200; n < 260; n++) await store.create(pathOf(`p${n}`), object(`p${n}`));
  take("killed", [STORE, LOG, MARK]);
  await store.close();
  for (const state of ["closed", "killed"] as const) {
    put(state);
    const { health, versions } = inspect();
    assert.deepEqual(health, { ok: true });
    written[state] = versions.map((version) => JSON.stringify(version));
    assert.ok(written[state].length > 80);
  }
});

/** Detected, or harmless: a verdict of ok is only given to exactly what was written; what is shown was written. */
function assertNoSilentLoss(state: "closed" | "killed", what: string): boolean {
  const { health, versions } = inspect();
  const shown = versions.map((version) => JSON.stringify(version));
  if (health.ok) assert.deepEqual(shown, written[state], `${what}: ok, but not what was written`);
  else assert.match(health.reason, /^Store(Damaged|TooNew)$/, what);
  const genuine = new Set([...written.closed, ...written.killed]);
  for (const version of shown) assert.ok(genuine.has(version), `${what}: shows what was never written: ${version}`);
  return health.ok;
}

describe("a damaged store", () => {
  for (const state of ["closed", "killed"] as const) {
    for (const name of [STORE, LOG, MARK]) {
      it(`with a flipped bit in ${name} (${state}) is detected or as it was`, (t) => {
        const content = states[state].get(name);
        if (!content) return;
        const random = pseudoRandom(7);
        let harmless = 0;
        const rounds = repeats(name === MARK ? 30 : 150);
        for (let round = 0; round < rounds; round++) {
          put(state);
          const changed = Buffer.from(content);
          const position = Math.floor(random.next().value * changed.length);
          changed[position] = (changed[position] as number) ^ (1 << Math.floor(random.next().value * 8));
          writeFileSync(at(name), changed);
          if (assertNoSilentLoss(state, `byte ${position}`)) harmless += 1;
        }
        t.diagnostic(`${harmless} of ${rounds} harmless`);
      });

      it(`with ${name} cut short, zeroed in part, or with junk behind it (${state}) is detected or as it was`, () => {
        const content = states[state].get(name);
        if (!content) return;
        const random = pseudoRandom(11);
        for (let round = 0; round < repeats(40); round++) {
          put(state);
          const position = Math.floor(random.next().value * content.length);
          truncateSync(at(name), round % 2 ? position : position - (position % 4096));
          assertNoSilentLoss(state, `cut at ${position}`);
          put(state);
          const from = position - (position % 4096);
          writeFileSync(at(name), Buffer.from(content).fill(0, from, Math.min(from + 4096, content.length)));
          assertNoSilentLoss(state, `zeroed at ${from}`);
          put(state);
          writeFileSync(
            at(name),
            Buffer.concat([content, Buffer.alloc(1 + Math.floor(random.next().value * 9000), 0x5a)]),
          );
          assertNoSilentLoss(state, "junk appended");
        }
      });
    }
  }

  it("that vanished, was emptied, or whose log was left behind is not a new store", async () => {
    const cases: [string, () => void, RegExp][] = [
      ["vanished", () => rmSync(at(STORE)), /missing, although store.id is there/],
      ["emptied", () => truncateSync(at(STORE), 0), /empty \(0 bytes\)/],
      [
        "only the log left",
        () =>
          [STORE, MARK].forEach((name) => {
            rmSync(at(name));
          }),
        /missing, although its write-ahead log is there/,
      ],
      ["log emptied", () => truncateSync(at(LOG), 0), /ends at revision 160, but writes up to 220 were acknowledged/],
      ["log removed", () => rmSync(at(LOG)), /the newest are missing/],
      ["overwritten", () => writeFileSync(at(STORE), "hello, world".repeat(1000)), /malformed/],
      [
        "overwritten, and no log",
        () => {
          writeFileSync(at(STORE), "hello, world".repeat(1000));
          rmSync(at(LOG));
        },
        /not a database/,
      ],
    ];
    for (const [what, damage, said] of cases) {
      put("killed");
      damage();
      const store = await openSqlite(at(STORE));
      assert.match(store.health.ok ? "ok" : `${store.health.reason} ${store.health.message}`, said, what);
      assert.match(
        JSON.stringify(store.health),
        /StoreDamaged.*The way back: .*restore a backup.*Programs whose Instances are not in the store .* are stopped/,
      );
      await store.close();
    }
  });

  it("shows what can be read, refuses writes with 503, has no events to resume from, and is left as it is", async () => {
    put("closed");
    const content = Buffer.from(states.closed.get(STORE) as Buffer);
    const victim = content.indexOf('"name":"p100"');
    content.write('"name":"q100"', victim);
    writeFileSync(at(STORE), content);
    const store = await openSqlite(at(STORE));
    assert.match(
      JSON.stringify(store.health),
      /revision 101 \(wctl.dev\/processes\/default\/p100\): checksum does not match/,
    );
    assert.equal(store.get(pathOf("p100")), undefined);
    assert.equal(store.list("").items.length, 79);
    assert.equal(store.revision, 160);
    const refused = { reason: "ServiceUnavailable", code: 503, message: /is damaged/ };
    await assert.rejects(store.create(pathOf("new"), object("new")), refused);
    const { signal } = new AbortController();
    assert.throws(() => store.watch("", { after: 159, signal }), { reason: "Expired" });
    await store.close();
    assert.deepEqual(readFileSync(at(STORE)), content);
  });

  it("is healthy again after a backup took its place", async () => {
    put("closed");
    copyFileSync(at(STORE), at("backup.db"));
    truncateSync(at(STORE), 5000);
    let store = await openSqlite(at(STORE));
    assert.equal(store.health.ok, false);
    await store.close();
    copyFileSync(at("backup.db"), at(STORE));
    store = await openSqlite(at(STORE));
    assert.deepEqual(store.health, { ok: true });
    await store.create(pathOf("new"), object("new"));
    await store.close();
  });

  it("of a newer format is refused clearly, and not touched", async () => {
    put("closed");
    const database = new DatabaseSync(at(STORE));
    database.exec("PRAGMA user_version = 4; CREATE TABLE invented (later TEXT)");
    database.close();
    const content = readFileSync(at(STORE));
    const store = await openSqlite(at(STORE));
    assert.match(JSON.stringify(store.health), /StoreTooNew.*has format 4, this program knows formats up to 3/);
    await assert.rejects(store.create(pathOf("new"), object("new")), { reason: "ServiceUnavailable" });
    await store.close();
    assert.deepEqual(readFileSync(at(STORE)), content);
  });

  it("whose making was interrupted is made anew: nothing was ever acknowledged", async () => {
    for (const name of [STORE, LOG, MARK]) rmSync(at(name), { force: true });
    writeFileSync(at(`${STORE}.new`), "half");
    const store = await openSqlite(at(STORE));
    assert.deepEqual([store.health, store.revision], [{ ok: true }, 0]);
    await store.close();
  });
});
