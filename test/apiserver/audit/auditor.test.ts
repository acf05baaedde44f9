import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { configMaps, processes, secrets } from "../../../api/scheme.ts";
import { Auditor } from "../../../apiserver/audit/auditor.ts";
import { controllerIdentity, type Identity, nodeIdentity } from "../../../apiserver/authentication/identity.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { openDesk, process } from "../fixtures.ts";
import { admin, localClients } from "../local-clients.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever was written
type Written = any;

function desk({ isFull = false, isSlow = false } = {}) {
  const clock = new FakeClock(new Date(0));
  const syncs: PromiseWithResolvers<void>[] = [];
  const written: Record<"changes" | "reads" | "refusals" | "parts", Written[]> = {
    changes: [],
    reads: [],
    refusals: [],
    parts: [],
  };
  const log = (name: keyof typeof written) => {
    const record = async (event: object): Promise<void> => {
      if (isFull) throw new Error("ENOSPC");
      written[name].push(JSON.parse(JSON.stringify(event)));
    };
    return {
      record,
      owe: (event: object) => record(event).catch(() => {}),
      synced: () => {
        const sync = Promise.withResolvers<void>();
        syncs.push(sync);
        if (!isSlow) sync.resolve();
        return sync.promise;
      },
      close: async () => {},
    };
  };
  const logs = { changes: log("changes"), reads: log("reads"), refusals: log("refusals"), parts: log("parts") };
  const warned: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void warned.push(message) };
  return { auditor: new Auditor({ logs, clock, logger }), written, warned, clock, syncs };
}

const asked = (name: string) => ({
  auditId: "1",
  user: { name, groups: [] },
  verb: "delete",
  path: "/x",
  address: "127.0.0.1",
  received: new Date(0),
});

describe("the auditor", () => {
  it("keeps changes where no refusal comes, however many there are", async () => {
    const { auditor, written } = desk();
    await (await auditor.begin(asked("root"))).ended(200);
    for (let n = 0; n < 500; n++) await auditor.refused(asked("jane"));
    for (let n = 0; n < 500; n++) await auditor.stranger(asked(""), "bearer");
    await auditor.close();
    assert.deepEqual([written.changes.length, written.refusals.length], [2, 100 + 1 + 20 + 1]);
    const counts = written.refusals.map(({ annotations }) => annotations["wctl.dev/refusals"]).filter(Boolean);
    assert.deepEqual(counts, ["400", "480"]);
  });

  it("writes down once how a change has ended", async () => {
    const { auditor, written } = desk();
    const change = await auditor.begin(asked("root"));
    await Promise.all([change.ended(200), change.ended(500)]);
    assert.deepEqual(
      written.changes.map(({ responseStatus }) => responseStatus?.code),
      [undefined, 200],
    );
  });
});

describe("the line of a change", () => {
  it("goes to the disk itself as the store begins to commit, and the change has not ended before it is there", async () => {
    const { auditor, syncs } = desk({ isSlow: true });
    const change = await auditor.begin(asked("root"));
    assert.equal(syncs.length, 0, "not yet");
    auditor.storeCommits();
    assert.equal(syncs.length, 1);
    let hasEnded = false;
    const ended = change.ended(200).then(() => {
      hasEnded = true;
    });
    await new Promise(setImmediate);
    assert.equal(hasEnded, false);
    syncs[0]?.resolve();
    await ended;
    assert.equal(syncs.length, 1, "one was enough");
  });

  it("goes there too when nothing was committed", async () => {
    const { auditor, syncs } = desk();
    auditor.storeCommits();
    const change = await auditor.begin(asked("root"));
    await change.ended(422);
    assert.equal(syncs.length, 1);
  });

  it("is warned of when the disk refuses it: what was done is done", async () => {
    const { auditor, syncs, warned } = desk({ isSlow: true });
    const change = await auditor.begin(asked("root"));
    auditor.storeCommits();
    syncs[0]?.reject(new Error("EIO"));
    await change.ended(200);
    assert.equal(warned.length, 1);
  });
});

describe("what is read of Secrets", () => {
  const secret = (name: string) => ({
    ...asked("jane"),
    verb: "get",
    object: { resource: secrets, namespace: "a", name },
  });
  const said = ({ objectRef, responseStatus, annotations }: Written) => [
    objectRef.name,
    responseStatus?.code,
    annotations["wctl.dev/reads"],
  ];

  it("is written down once in a minute, with how often again: who polls, and who makes up names, pushes out nothing", async () => {
    const { auditor, written, clock } = desk();
    for (let n = 0; n < 500; n++) await auditor.read(secret("s"), 200);
    for (let n = 0; n < 500; n++) await auditor.read(secret(`made-up-${n}`), 404);
    await auditor.read(secret("other"), 200);
    await auditor.read({ ...secret("s"), address: "10.0.0.1" }, 200);
    await auditor.read({ ...secret("s"), verb: "watch" });
    assert.deepEqual(written.reads.map(said), [
      ["s", 200, undefined],
      ["made-up-0", 404, undefined],
      ["other", 200, undefined],
      ["s", 200, undefined],
      ["s", undefined, undefined],
    ]);
    await clock.advanceAsync(60_000);
    assert.deepEqual(written.reads.slice(5).map(said), [
      ["s", 200, "499"],
      ["made-up-499", 404, "499"],
    ]);
    await auditor.read(secret("s"), 200);
    assert.deepEqual([written.reads.length, written.changes.length], [8, 0]);
  });

  it("is refused while the log can't be written, each time anew", async () => {
    const { auditor } = desk({ isFull: true });
    const reads = [auditor.read(secret("s"), 200), auditor.read(secret("s"), 200)];
    for (const read of reads)
      await assert.rejects(read, { reason: "ServiceUnavailable", message: /no Secret is shown/ });
    await assert.rejects(auditor.read(secret("s"), 200), { reason: "ServiceUnavailable" });
  });

  it("takes no more memory, and no line is lost, however many different ones there are", async () => {
    const { auditor, written } = desk();
    for (let n = 0; n < 10_100; n++) await auditor.read(secret(`s-${n}`), 200);
    await auditor.read(secret("s-10099"), 200);
    assert.equal(written.reads.length, 10_101);
  });
});

describe("a log that can't be written", () => {
  it("refuses each change, and is warned of once in a minute, however many ask", async () => {
    const { auditor, warned, clock } = desk({ isFull: true });
    const askAll = async (): Promise<void> => {
      for (let n = 0; n < 50; n++) await assert.rejects(auditor.begin(asked("jane")), { reason: "ServiceUnavailable" });
    };
    await askAll();
    assert.equal(warned.length, 1);
    await clock.advanceAsync(60_000);
    await askAll();
    assert.equal(warned.length, 2);
  });
});

describe("what parts of the daemon change", () => {
  const actingAs = async (user: Identity, isFull = false) => {
    const { auditor, written } = desk({ isFull });
    const { registry, store } = await openDesk();
    const client = auditor.clientOf(user, localClients(registry)(admin));
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m", namespace: "default" } } as const;
    const made = await client.create(configMaps, map);
    await client.update(configMaps, { ...made, data: { a: "1" } });
    await client.patch(configMaps, "default/m", { type: "merge", body: { data: { b: "2" } } });
    await client.create(configMaps, { ...map, metadata: { ...map.metadata, name: "rehearsed" } }, { dryRun: true });
    await assert.rejects(client.delete(configMaps, "default/ghost"));
    await client.delete(configMaps, "default/m");
    const web = await client.create(processes, process("web"));
    await client.updateStatus(processes, { ...web, status: {} });
    await client.list(configMaps);
    await client.get(processes, "default/web");
    await store.close();
    return written.parts;
  };

  it("is written down when it was made, without status, rehearsals and what failed", async () => {
    const parts = await actingAs(controllerIdentity("process"));
    assert.deepEqual(
      parts.map(({ user, verb, requestURI, responseStatus }) => [user.username, verb, requestURI, responseStatus.code]),
      [
        ["create", "/api/v1/namespaces/default/configmaps/m", 201],
        ["update", "/api/v1/namespaces/default/configmaps/m", 200],
        ["patch", "/api/v1/namespaces/default/configmaps/m", 200],
        ["delete", "/api/v1/namespaces/default/configmaps/m", 200],
        ["create", "/apis/wctl.dev/v1/namespaces/default/processes/web", 201],
      ].map((line) => ["system:wctl:controller:process", ...line]),
    );
    assert.deepEqual(parts[0].objectRef, { resource: "configmaps", namespace: "default", name: "m", apiVersion: "v1" });
  });

  it("is not, of who only says what he sees: agents, and who counts Events", async () => {
    assert.deepEqual(await actingAs(nodeIdentity("here")), []);
    assert.deepEqual(await actingAs(controllerIdentity("event-recorder")), []);
  });

  it("is made also while the disk is full: programs are looked after", async () => {
    assert.deepEqual(await actingAs(controllerIdentity("process"), true), []);
  });
});
