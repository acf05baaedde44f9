import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { isExpired } from "../../../api/errors.ts";
import { KeyFile } from "../../../apiserver/encryption/key-file.ts";
import { noProtection } from "../../../apiserver/encryption/key-protection.ts";
import { newSecretKey } from "../../../apiserver/encryption/secret-key.ts";
import { historyBudget, openStore } from "../../../cmd/wctld/open-store.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { SqliteJournal } from "../../../store/sqlite/sqlite-journal.ts";
import type { SqliteStore } from "../../../store/sqlite/sqlite-store.ts";
import { object } from "../../store/objects.ts";
import { scratch } from "../../store/scratch.ts";

const opened: SqliteStore[] = [];
after(() => Promise.all(opened.map((store) => store.close())));

async function open(dataDir: string): Promise<Awaited<ReturnType<typeof openStore>>> {
  const options = { dataDir, protection: noProtection, logger: silentLogger, clock: systemClock, history: {} };
  const made = await openStore({ ...options, journal: new SqliteJournal() });
  opened.push(made.store);
  return made;
}

describe("the store of a daemon", () => {
  it("encrypts Secrets, and nothing else", async () => {
    const dataDir = scratch();
    const { store } = await open(dataDir);
    await store.create("core/secrets/default/s", object("s", "canary-of-the-secret"));
    await store.create("core/configmaps/default/c", object("c", "canary-of-the-configmap"));
    await store.close();
    const content = readFileSync(join(dataDir, "store.db"), "latin1");
    assert.deepEqual(
      [content.includes("canary-of-the-secret"), content.includes("canary-of-the-configmap")],
      [false, true],
    );
  });

  it("lets page 2 of a list wait through floods of Events and Leases and hundreds of starts", async () => {
    const { store } = await open(scratch());
    const flood = async (prefix: string, count: number, length: number): Promise<void> => {
      const value = "x".repeat(length);
      await Promise.all(
        Array.from({ length: count }, (_, at) => store.create(`${prefix}${at}`, object(`o${at}`, value))),
      );
    };
    await flood("wctl.dev/processes/default/p", 600, 100);
    const page = store.list("wctl.dev/processes/", { limit: 500 });
    const events = store.list("core/events/");
    await flood("core/events/default/e", 3_000, 2_000);
    await flood("coordination.k8s.io/leases/kube-node-lease/n", 3_000, 2_000);
    await flood("wctl.dev/instances/default/i", 3_000, 2_000);
    assert.equal(store.list("wctl.dev/processes/", { continue: page.continue as string }).items.length, 100);
    const { signal } = new AbortController();
    assert.throws(() => store.watch("core/events/", { after: events.revision, signal }), isExpired);
    assert.ok(store.statistics.historyBytes < 20 * 1024 * 1024);
  });

  it("remembers as the configuration says", () => {
    assert.deepEqual(historyBudget({}), {});
    assert.deepEqual(historyBudget({ retention: { history: 100, historySeconds: 60, historyBytes: 2_000_000 } }), {
      count: 100,
      ageMs: 60_000,
      bytes: 2_000_000,
    });
  });

  it("finishes at the next start what a rotation has begun: the old key goes", async () => {
    const dataDir = scratch();
    const first = await open(dataDir);
    await first.store.create("core/secrets/default/s", object("s", 1));
    await first.store.close();
    const keys = join(dataDir, "secrets.key");
    const file = new KeyFile(keys, noProtection);
    const [old] = (await file.read())!;
    const fresh = newSecretKey(new Date());
    await file.write([fresh, old!]);
    const { store } = await open(dataDir);
    assert.deepEqual([store.health, (await file.read())!.map(({ id }) => id)], [{ ok: true }, [fresh.id]]);
  });
});
