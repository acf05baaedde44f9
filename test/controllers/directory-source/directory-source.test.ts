import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { findCondition } from "../../../api/conditions.ts";
import { configMaps, events, namespaces, nodes, processes, scheme } from "../../../api/scheme.ts";
import { directorySource } from "../../../controllers/directory-source/directory-source.ts";
import type { Source } from "../../../controllers/source/source.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { pathTrust, posixJudge } from "../../../lib/path-trust.ts";
import { eventually } from "../../eventually.ts";
import { Cluster } from "../../machinery/cluster.ts";

/** Of this system, where it has modes; elsewhere the access lists have tests of their own. */
const trust = pathTrust(
  process.getuid === undefined ? () => undefined : posixJudge({ uid: process.getuid(), gid: process.getgid!() }),
);

const map = (name: string, value = "1", extra = ""): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${extra}}\ndata: {value: "${value}"}\n`;

async function setUp(t: TestContext) {
  const cluster = await Cluster.open(t);
  const base = await mkdtemp(join(tmpdir(), "wctl-directory-"));
  t.after(() => rm(base, { recursive: true, force: true }));
  const directory = join(base, "manifests");
  await mkdir(directory);
  const { client, clock, recorder } = cluster;
  const node = await client.create(nodes, { apiVersion: "v1", kind: "Node", metadata: { name: "pc1" } });
  const open = (options = {}): Source =>
    directorySource({
      client: cluster.as("directory-source"),
      directory,
      trust,
      resources: scheme,
      node,
      recorder,
      clock,
      logger: silentLogger,
      ...options,
    });
  let source = open();
  const signal = new AbortController().signal;
  const self = {
    cluster,
    client,
    directory,
    open,
    write: async (file: string, text: string): Promise<void> => {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), text);
    },
    remove: (file: string) => rm(join(directory, file), { recursive: true }),
    sync: () => source.sync(signal),
    /** Long enough for what is missing to count as gone. */
    async settle(): Promise<void> {
      await source.sync(signal);
      clock.advance(1_000);
      await source.sync(signal);
      await cluster.recorder.flush();
    },
    restart: () => {
      source = open();
    },
    maps: () => cluster.names(configMaps),
    async condition(): Promise<string> {
      const [found] = await cluster.all(nodes);
      const condition = findCondition(found?.status?.conditions, "ManifestsSynced");
      return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
    },
  };
  return self;
}

describe("directorySource", () => {
  it("applies what is added and changed, at any depth, and marks it", async (t) => {
    const { cluster, write, sync, maps, condition } = await setUp(t);
    await write("a.yaml", `${map("a")}---\n${map("b")}`);
    await write("deep/er/c.json", JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } }));
    await write("notes.txt", "not a manifest");
    await write(".hidden.yaml", map("hidden"));
    await sync();
    assert.deepEqual(await maps(), ["a", "b", "c"]);
    const c = await cluster.find(configMaps, "default/c");
    assert.equal(c?.metadata.labels?.["wctl.dev/source"], "directory");
    assert.equal(c?.metadata.annotations?.["wctl.dev/source-file"], "deep/er/c.json");
    await write("a.yaml", `${map("a", "2")}---\n${map("b")}`);
    await sync();
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "2");
    assert.equal(await condition(), "True Synced: all manifests of the folder are applied");
  });

  it("applies only what changed", async (t) => {
    const { cluster, write, sync } = await setUp(t);
    await write("a.yaml", map("a"));
    await write("b.yaml", map("b"));
    await sync();
    const version = async (name: string) =>
      (await cluster.find(configMaps, `default/${name}`))?.metadata.resourceVersion;
    const before = await version("b");
    await write("a.yaml", map("a", "changed"));
    await sync();
    assert.equal(await version("b"), before);
  });

  it("prunes a removed file and a removed document, and nothing else", async (t) => {
    const { client, write, remove, sync, settle, maps } = await setUp(t);
    await client.create(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "mine", namespace: "default" },
    });
    await write("a.yaml", `${map("a")}---\n${map("b")}`);
    await write("c.yaml", map("c"));
    await sync();
    await write("a.yaml", map("a"));
    await remove("c.yaml");
    await sync();
    assert.deepEqual(await maps(), ["a", "b", "c", "mine"], "it may be coming back");
    await settle();
    assert.deepEqual(await maps(), ["a", "mine"]);
  });

  it("prunes what was removed while the daemon was down", async (t) => {
    const { write, remove, restart, sync, settle, maps } = await setUp(t);
    await write("a.yaml", map("a"));
    await write("b.yaml", map("b"));
    await sync();
    restart();
    await remove("b.yaml");
    await settle();
    assert.deepEqual(await maps(), ["a"]);
  });

  it("follows an Object from one file to another", async (t) => {
    const { cluster, directory, write, sync, settle } = await setUp(t);
    await write("a.yaml", map("a"));
    await sync();
    const before = await cluster.find(configMaps, "default/a");
    await rename(join(directory, "a.yaml"), join(directory, "renamed.yaml"));
    await settle();
    const after = await cluster.find(configMaps, "default/a");
    assert.equal(after?.metadata.uid, before?.metadata.uid);
    assert.equal(after?.metadata.annotations?.["wctl.dev/source-file"], "renamed.yaml");
  });

  it("keeps the last good state of a broken file, says where it is broken, and goes on with the others", async (t) => {
    const { cluster, write, sync, settle, maps, condition } = await setUp(t);
    await write("a.yaml", map("a"));
    await write("b.yaml", map("b"));
    await sync();
    await write("a.yaml", `${map("a", "2")}---\napiVersion: v1\nkind: {`);
    await write("b.yaml", map("b", "2"));
    await settle();
    assert.deepEqual(await maps(), ["a", "b"]);
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "1");
    assert.equal((await cluster.find(configMaps, "default/b"))?.data?.value, "2");
    assert.match(await condition(), /^False ManifestInvalid: a\.yaml:\d+:\d+: /);
    const said = await cluster.all(events);
    assert.deepEqual(
      said.map(({ involvedObject, type }) => `${type} ${involvedObject.kind} ${involvedObject.name}`).sort(),
      ["Warning ConfigMap a", "Warning Node pc1"],
    );
    await write("a.yaml", map("a", "3"));
    await settle();
    assert.equal((await cluster.find(configMaps, "default/a"))?.data?.value, "3");
    assert.equal(await condition(), "True Synced: all manifests of the folder are applied");
  });

  it("names the line of a field that the API refuses, and tries again only when the file changes", async (t) => {
    const { cluster, write, sync, condition } = await setUp(t);
    const process = (replicas: string): string =>
      `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: web}\nspec:\n  command: /bin/true\n  replicas: ${replicas}\n`;
    await write("web.yaml", process("-1"));
    const nextMs = await sync();
    assert.match(await condition(), /^False ApplyFailed: web\.yaml:6: spec\.replicas: Invalid value: -1/);
    assert.ok(nextMs > 60_000, "no use in trying again soon");
    await write("web.yaml", `${map("first", "1")}---\n${process("2\n  replica: 3")}`);
    await sync();
    assert.match(
      await condition(),
      /web\.yaml:\d+: spec\.replica: unknown field \(did you mean "replicas"\?\) \(document 2\)$/,
    );
    await write("web.yaml", process("2"));
    await sync();
    assert.equal((await cluster.find(processes, "default/web"))?.spec.replicas, 2);
  });

  it("refuses an Object that two files declare, names both, and leaves it as it is", async (t) => {
    const { cluster, write, sync, settle, condition } = await setUp(t);
    await write("a.yaml", map("same", "1"));
    await sync();
    await write("b.yaml", `\n${map("same", "2")}`);
    await settle();
    assert.equal((await cluster.find(configMaps, "default/same"))?.data?.value, "1");
    assert.match(
      await condition(),
      /b\.yaml:2: ConfigMap default\/same is declared more than once \(a\.yaml:1 and b\.yaml:2\)/,
    );
  });

  it("takes a folder that is gone or cannot be listed for nothing at all, and comes back with it", async (t) => {
    const { directory, write, sync, settle, maps, condition } = await setUp(t);
    await write("a.yaml", map("a"));
    await sync();
    await rename(directory, `${directory}.away`);
    await settle();
    assert.deepEqual(await maps(), ["a"]);
    assert.match(await condition(), /^False DirectoryUnreadable: the folder cannot be read/);
    await mkdir(directory);
    await settle();
    assert.deepEqual(await maps(), ["a"], "an empty mount point");
    assert.match(await condition(), /^False PruneRefused: .*is it mounted/);
    await rm(directory, { recursive: true });
    await rename(`${directory}.away`, directory);
    await settle();
    assert.match(await condition(), /^True Synced/);
  });

  it("asks before more than half of many Objects go", async (t) => {
    const { write, remove, sync, settle, maps, condition } = await setUp(t);
    for (let at = 0; at < 12; at++) await write(`f${at}.yaml`, map(`m${at}`));
    await sync();
    for (let at = 0; at < 12; at++) await remove(`f${at}.yaml`);
    await settle();
    assert.equal((await maps()).length, 12);
    assert.match(await condition(), /12 of 12 objects would be pruned at once.*\.wctl-allow-prune/);
    await write(".wctl-allow-prune", "");
    await settle();
    assert.deepEqual(await maps(), []);
  });

  it("follows links inside the folder, and none that lead out of it", async (t) => {
    const { directory, write, sync, maps, condition } = await setUp(t);
    await write("..data/linked.yaml", map("linked"));
    await symlink("..data/linked.yaml", join(directory, "linked.yaml"));
    await writeFile(join(directory, "../outside.yaml"), map("outside"));
    await symlink("../outside.yaml", join(directory, "outside.yaml"));
    await mkdir(join(directory, "sub"));
    await symlink("..", join(directory, "sub/loop"));
    await sync();
    assert.deepEqual(await maps(), ["linked"]);
    assert.match(await condition(), /outside\.yaml leads out of the folder and is not read/);
  });

  it("keeps what came through a link whose target is gone", async (t) => {
    const { directory, write, remove, sync, settle, maps, condition } = await setUp(t);
    await write("..data/linked.yaml", map("linked"));
    await symlink("..data/linked.yaml", join(directory, "linked.yaml"));
    await sync();
    await remove("..data");
    await settle();
    assert.deepEqual(await maps(), ["linked"]);
    assert.match(await condition(), /linked\.yaml cannot be read: ENOENT/);
  });

  it("makes a namespace before what is in it, and prunes it only without foreign content", async (t) => {
    const { cluster, client, write, remove, sync, settle, condition } = await setUp(t);
    await write("keep.yaml", map("keep"));
    await write("shop/a.yaml", map("a", "1", ", namespace: shop"));
    await write("shop/z.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    await sync();
    assert.deepEqual(await cluster.names(configMaps, "shop"), ["a"]);
    const foreign = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine", namespace: "shop" } } as const;
    await client.create(configMaps, foreign);
    await remove("shop");
    await settle();
    assert.deepEqual(await cluster.names(configMaps, "shop"), ["mine"]);
    assert.match(await condition(), /namespace shop is not pruned, .*ConfigMap shop\/mine/);
    await client.delete(configMaps, "shop/mine");
    await settle();
    const shop = await cluster.find(namespaces, "shop");
    assert.ok(shop?.metadata.deletionTimestamp, "now it goes");
  });

  it("tries again when a namespace is not there yet", async (t) => {
    const { client, write, sync, condition, cluster } = await setUp(t);
    await write("a.yaml", map("a", "1", ", namespace: late"));
    assert.ok((await sync()) <= 1_000);
    assert.match(await condition(), /a\.yaml:1: namespaces "late" not found/);
    await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: "late" } });
    await sync();
    assert.deepEqual(await cluster.names(configMaps, "late"), ["a"]);
  });

  it("refuses what only the daemon makes", async (t) => {
    const { write, sync, condition } = await setUp(t);
    await write("node.yaml", "apiVersion: v1\nkind: Node\nmetadata: {name: other}\n");
    await sync();
    assert.match(await condition(), /node\.yaml:1: no kind "Node" in version "v1" can be declared in a folder/);
    await write("node.yaml", "apiVersion: wctl.dev/v1\nkind: Proces\nmetadata: {name: other}\n");
    await sync();
    assert.match(
      await condition(),
      /node\.yaml:2:1: kind: no matches for kind "Proces" .*\(did you mean "Process"\?\)/,
    );
  });

  it("reports a file without permission and keeps what it made", async (t) => {
    if (process.getuid?.() === 0) return t.diagnostic("root may read everything");
    const { directory, write, sync, settle, maps, condition } = await setUp(t);
    await write("a.yaml", map("a"));
    await sync();
    await chmod(join(directory, "a.yaml"), 0o000);
    await settle();
    assert.deepEqual(await maps(), ["a"]);
    assert.match(await condition(), /a\.yaml cannot be read/);
  });

  it("notices changes by itself while it runs, also those of a folder that was away", {}, async (t) => {
    const { client, directory, write, remove, open, maps } = await setUp(t);
    const aborter = new AbortController();
    const ended = open({ clock: systemClock }).start(aborter.signal);
    t.after(() => aborter.abort());
    const until = (wanted: string[]): Promise<true> =>
      eventually(async () => JSON.stringify(await maps()) === JSON.stringify(wanted), `${wanted} are there`);
    await write("a.yaml", map("a"));
    await until(["a"]);
    await write("deep/b.yaml", map("b"));
    await until(["a", "b"]);
    await remove("a.yaml");
    await until(["b"]);
    await rename(directory, `${directory}.away`);
    await rename(`${directory}.away`, directory);
    await write("deep/c.yaml", map("c"));
    await until(["b", "c"]);
    await client.delete(configMaps, "default/c");
    await until(["b", "c"]);
    assert.deepEqual(await readdir(directory), ["deep"]);
    aborter.abort();
    await ended;
  });
});

describe("a folder of manifests that others can write (P22)", {
  skip: process.getuid ? false : "modes are of POSIX",
}, () => {
  for (const [what, path, mode] of [
    ["the folder itself", "", 0o777],
    ["a folder in it", "sub", 0o777],
    ["a file in it", "sub/b.yaml", 0o666],
  ] as const) {
    it(`is not read, when it is ${what}: nothing is applied, changed or pruned, and the Node says why`, async (t) => {
      const self = await setUp(t);
      await self.write("a.yaml", map("a"));
      await self.write("sub/b.yaml", map("b"));
      await self.settle();
      assert.deepEqual(await self.maps(), ["a", "b"]);
      await self.write("sub/c.yaml", map("c"));
      await self.remove("a.yaml");
      await chmod(join(self.directory, path), mode);
      await self.settle();
      await self.settle();
      assert.deepEqual(await self.maps(), ["a", "b"]);
      assert.match(await self.condition(), /nothing is applied or pruned: .* can be written by others/);
      await chmod(join(self.directory, path), path.endsWith("yaml") ? 0o644 : 0o755);
      await self.settle();
      await self.settle();
      assert.deepEqual(await self.maps(), ["b", "c"]);
    });
  }

  it("is not read below a folder that others can rename, nor through a link they can exchange", async (t) => {
    const self = await setUp(t);
    await self.write("a.yaml", map("a"));
    await chmod(dirname(self.directory), 0o777);
    await self.settle();
    assert.deepEqual(await self.maps(), []);
    assert.match(await self.condition(), /can be written by others/);
  });
});
