import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../../../api/client.ts";
import { conflict } from "../../../api/errors.ts";
import type { Stored } from "../../../api/object.ts";
import { gitSources } from "../../../api/scheme.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import { type Looked, StatusWriter } from "../../../controllers/git-source/status-writer.ts";
import { FakeClock } from "../../lib/fake-clock.ts";

const looked = (commit: string): Looked => ({
  generation: 1,
  condition: { status: "True", reason: "Synced", message: "" },
  revision: `main@sha1:${commit.repeat(40)}`,
  isStandIn: false,
  isRollback: false,
  unreachableSince: undefined,
  reconcileAt: undefined,
  objects: 1,
});

function setUp({ conflicts = 0, held }: { conflicts?: number; held?: Promise<void> } = {}) {
  const source = {
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name: "fleet", namespace: "default", uid: "1" },
    spec: { url: "https://git.example.com/fleet.git" },
  } as unknown as Stored<GitSource>;
  const written: (string | undefined)[] = [];
  let left = conflicts;
  const client = {
    get: async () => source,
    updateStatus: async (_: unknown, next: GitSource) => {
      if (left-- > 0) throw conflict(gitSources, "fleet");
      written.push(next.status?.lastAppliedRevision?.at(-1));
      await held;
      return next;
    },
  } as unknown as Client;
  const recorder = { event: () => {} };
  const writer = new StatusWriter({
    client,
    nodeName: "pc1",
    recorder,
    clock: new FakeClock(),
    healthOf: () => undefined,
  });
  const write = (latest: () => Looked, about = source) => writer.write(about, latest, new AbortController().signal);
  return { source, written, write };
}

describe("what is told of a GitSource", () => {
  it("is the latest when it is its turn, and not what was known when somebody asked for it", async () => {
    const held = Promise.withResolvers<void>();
    const { written, write } = setUp({ held: held.promise });
    let latest = looked("a");
    const first = write(() => latest);
    const second = write(() => latest);
    latest = looked("b");
    held.resolve();
    assert.deepEqual([await first, await second, written], [true, true, ["a", "b"]]);
  });

  it("is told although somebody else writes at the same moment, or it is said that it was not", async () => {
    const once = setUp({ conflicts: 2 });
    assert.deepEqual([await once.write(() => looked("a")), once.written], [true, ["a"]]);
    const always = setUp({ conflicts: 99 });
    assert.deepEqual([await always.write(() => looked("a")), always.written], [false, []]);
  });

  it("is not told of one that was made anew under its name", async () => {
    const { source, written, write } = setUp();
    const before = { ...source, metadata: { ...source.metadata, uid: "0" } };
    assert.deepEqual([await write(() => looked("a"), before), written], [true, []]);
  });
});
