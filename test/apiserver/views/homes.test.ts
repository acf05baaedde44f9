import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HomeEntry, HomeSource } from "../../../apiserver/views/home-source.ts";
import { HomesView } from "../../../apiserver/views/homes.ts";
import { nameHomes } from "../../../apiserver/views/name-homes.ts";
import { systemClock } from "../../../lib/clock.ts";
import { TestServer } from "../test-server.ts";

const root = "/apis/wctl.dev/v1";
const entry = (owner: string, index: number, more: Partial<HomeEntry> = {}): HomeEntry => ({
  owner,
  index,
  namespace: "default",
  process: "web",
  createdAt: "2026-01-01T00:00:00Z",
  ...more,
});

describe("the names of homes", () => {
  const names = (...entries: HomeEntry[]) => nameHomes(entries).map(([name, { owner }]) => [name, owner]);

  it("are those of the Instances that they are for", () => {
    assert.deepEqual(names(entry("p", 0), entry("p", 1), entry("q", 0, { namespace: "other" })), [
      ["web-0", "p"],
      ["web-1", "p"],
      ["web-0", "q"],
    ]);
  });

  it("tell those of earlier Processes apart: the one in use, or used last, has the plain one", () => {
    const [older, newer] = [{ releasedAt: "2026-01-01T00:00:00Z" }, { releasedAt: "2026-02-01T00:00:00Z" }];
    const [a, b] = ["aaaaaaaa-1", "bbbbbbbb-1"];
    assert.deepEqual(names(entry(a, 0, older), entry(b, 0, newer)), [
      ["web-0", b],
      ["web-0.aaaaaaaa", a],
    ]);
    assert.deepEqual(names(entry(a, 0, { instance: "i" }), entry(b, 0, newer), entry("bbbbbbbb-2", 0, older)), [
      ["web-0", a],
      ["web-0.bbbbbbbb-1", b],
      ["web-0.bbbbbbbb-2", "bbbbbbbb-2"],
    ]);
  });
});

describe("homes", () => {
  let server: TestServer;
  let uid = "";
  const entries: HomeEntry[] = [];
  const removed: string[] = [];
  /** And how many files at most. */
  let measured: string[] = [];
  /** Which an Instance takes at the moment of its removal. */
  let isTaken = false;
  const source: HomeSource = {
    all: () => entries,
    folder: ({ owner, index }) => `/data/homes/${owner}/${index}`,
    measure: async ({ owner, index }, most) => {
      measured.push(`${owner}/${most}`);
      return { runs: 2, bytes: 1_500_000, isPartial: index === 1 };
    },
    remove: async ({ owner, index }) => {
      if (!isTaken) removed.push(`${owner}/${index}`);
      return !isTaken;
    },
  };
  const path = (name = "") => `${root}/namespaces/default/homes${name && `/${name}`}`;
  const get = async (at: string, headers = {}) => (await server.ask("GET", at, { headers })).json;
  const remove = async (name: string, body = {}) => (await server.ask("DELETE", path(name), { body })).json;

  before(async () => {
    server = await TestServer.start({ views: (registry) => [new HomesView(registry, source, systemClock)] });
    const body = {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "web" },
      spec: { command: "/bin/true" },
    };
    const created = await server.ask("POST", `${root}/namespaces/default/processes`, { body });
    uid = created.json.metadata.uid;
    const releasedAt = "2026-01-02T00:00:00Z";
    entries.push(
      entry(uid, 1, { releasedAt }),
      entry(uid, 0, { instance: "i" }),
      entry("old-process", 0, { releasedAt }),
      entry("job-uid", 0, { process: "job", instance: "job-uid" }),
      entry("other", 0, { namespace: "other", process: "db" }),
    );
  });
  after(() => server.stop());

  it("are listed, by namespace, process and label", async () => {
    const names = async (at: string) =>
      (await get(at)).items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    assert.deepEqual(await names(path()), ["job-0", "web-0", "web-0.old-proc", "web-1"]);
    assert.deepEqual(await names(`${root}/homes?fieldSelector=spec.process%3Ddb`), ["db-0"]);
    measured = [];
    assert.deepEqual(await names(`${path()}?fieldSelector=status.phase%3DRetained`), ["web-0.old-proc", "web-1"]);
    assert.deepEqual(measured, ["old-process/20000", `${uid}/20000`], "nobody looks at the disk for what is not shown");
    assert.deepEqual(await names(`${path()}?labelSelector=wctl.dev%2Fprocess%3Djob`), ["job-0"]);
    assert.equal((await get(`${path()}?fieldSelector=spec.no%3Ddb`)).code, 400);
  });

  it("are had one by one", async () => {
    assert.deepEqual(await get(path("web-1")), {
      apiVersion: "wctl.dev/v1",
      kind: "Home",
      metadata: {
        name: "web-1",
        namespace: "default",
        uid: `${uid}-1`,
        creationTimestamp: "2026-01-01T00:00:00Z",
        labels: { "wctl.dev/process": "web" },
      },
      spec: { process: "web", owner: uid, index: 1 },
      status: {
        phase: "Retained",
        runs: 2,
        sizeBytes: 1_500_000,
        sizeIsPartial: true,
        releasedAt: "2026-01-02T00:00:00Z",
        path: `/data/homes/${uid}/1`,
      },
    });
    const { resources } = await get(root);
    assert.deepEqual(resources.find(({ name }: { name: string }) => name === "homes").shortNames, ["ho"]);
    assert.equal((await get(path("ghost"))).message, 'homes.wctl.dev "ghost" not found');
  });

  it("are rows too", async () => {
    const table = await get(path(), { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    assert.deepEqual(
      table.columnDefinitions.map(({ name }: { name: string }) => name),
      ["Name", "Process", "State", "Runs", "Size", "Age", "Path"],
    );
    assert.deepEqual(
      table.rows.map(({ cells }: { cells: string[] }) => cells.slice(0, 5)),
      [
        ["job-0", "job", "InUse", 2, "1.4Mi"],
        ["web-0", "web", "InUse", 2, "1.4Mi"],
        ["web-0.old-proc", "web", "Retained", 2, "1.4Mi"],
        ["web-1", "web", "Retained", 2, ">1.4Mi"],
      ],
    );
  });

  it("are removed when nobody needs them, and else it is said what to do", async () => {
    assert.match(
      (await remove("web-0")).message,
      /copy 0 of process web, .* "wctl scale process\/web --replicas=0" or/,
    );
    assert.match((await remove("job-0")).message, /instance job uses it: delete the instance/);
    assert.equal((await remove("web-1", { preconditions: { uid: "another" } })).code, 409);
    assert.equal((await remove("web-1", { dryRun: ["All"] })).status, "Success");
    assert.deepEqual(removed, []);
    assert.equal((await remove("web-1", { preconditions: { uid: `${uid}-1` } })).status, "Success");
    assert.equal((await remove("web-0.old-proc")).status, "Success");
    assert.deepEqual(removed, [`${uid}/1`, "old-process/0"]);
    isTaken = true;
    assert.match((await remove("web-1")).message, /an instance is about to use it/);
  });

  it("of a copy that is only being replaced stay", async () => {
    const home = entries.find((one) => one.instance === "i")!;
    delete home.instance;
    home.releasedAt = "2026-01-03T00:00:00Z";
    assert.equal((await remove("web-0")).code, 409);
  });

  it("can't be written or watched", async () => {
    assert.equal((await server.ask("PUT", path("web-0"), { body: {} })).code, 405);
    assert.equal((await server.ask("GET", `${path()}?watch=1`)).code, 405);
  });
});
