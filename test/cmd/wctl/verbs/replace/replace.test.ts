import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { processes } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";

const file = (metadata = "name: web", spec = "command: /bin/other"): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {${metadata}}\nspec: {${spec}}\n`;

let desk: Desk;
before(async () => {
  desk = await Desk.open();
});
after(() => desk.close());
beforeEach(async () => {
  for (const { metadata } of (await desk.client.list(processes)).items)
    await desk.client.delete(processes, `default/${metadata.name}`);
  await desk.process("web", { replicas: 3 }, undefined, { labels: { a: "1" } });
});

const web = async () => desk.client.get(processes, "default/web");

describe("wctl replace", () => {
  it("makes it as the file says, and nothing else", async () => {
    const before = await web();
    assert.deepEqual(await desk.wctl("replace -f -", { stdin: file() }), {
      code: 0,
      out: "process.wctl.dev/web replaced\n",
      err: "",
    });
    const { spec, metadata } = await web();
    assert.deepEqual([spec.command, spec.replicas, metadata.labels], ["/bin/other", 1, undefined]);
    assert.equal(metadata.uid, before.metadata.uid);
  });

  it("replaces the version that the file names, or none", async () => {
    const { resourceVersion } = (await web()).metadata;
    const stdin = file(`name: web, resourceVersion: "${resourceVersion}"`);
    assert.equal((await desk.wctl("replace -f -", { stdin })).code, 0);
    const { code, err } = await desk.wctl("replace -f -", { stdin });
    assert.equal(code, 1);
    assert.match(err, /^Error from server \(Conflict\): STDIN:\d+: Operation cannot be fulfilled on processes/);
  });

  it("creates nothing, unless by force", async () => {
    const stdin = file("name: ghost");
    const { code, err } = await desk.wctl("replace -f -", { stdin });
    assert.deepEqual([code, err], [1, 'Error from server (NotFound): STDIN:1: processes.wctl.dev "ghost" not found\n']);
    assert.equal((await desk.wctl("replace --force -f -", { stdin })).out, "process.wctl.dev/ghost replaced\n");
  });

  it("by force waits until the old one is gone, and makes a new one", async () => {
    const before = await web();
    const { out } = await desk.wctl("replace --force --cascade=background -f -", {
      stdin: file(`name: web, uid: ${before.metadata.uid}, resourceVersion: "1"`),
    });
    assert.equal(out, 'process.wctl.dev "web" deleted\nprocess.wctl.dev/web replaced\n');
    assert.notEqual((await web()).metadata.uid, before.metadata.uid);
  });

  it("by force creates nothing while the old one is held", async () => {
    const held = { metadata: { finalizers: ["example.com/hold"] } };
    await desk.client.patch(processes, "default/web", { type: "merge", body: held });
    const { code, err } = await desk.wctl("replace --force --timeout=50ms --cascade=background -f -", {
      stdin: file(),
    });
    assert.deepEqual([code, err], [1, "error: timed out waiting for the condition on processes/web\n"]);
    assert.ok((await web()).metadata.deletionTimestamp);
    await desk.client.patch(processes, "default/web", { type: "merge", body: { metadata: { finalizers: null } } });
  });

  it("replaces the status by itself", async () => {
    const stdin = `${file()}status: {replicas: 5}\n`;
    assert.equal((await desk.wctl("replace --subresource=status -f -", { stdin })).code, 0);
    const { spec, status } = await web();
    assert.deepEqual([spec.command, status?.replicas], ["/bin/web", 5]);
  });

  it("tries only, when told so", async () => {
    const before = (await web()).metadata.resourceVersion;
    for (const [dryRun, suffix] of Object.entries({ client: "dry run", server: "server dry run" })) {
      const { out } = await desk.wctl(`replace --dry-run=${dryRun} -f -`, { stdin: file() });
      assert.equal(out, `process.wctl.dev/web replaced (${suffix})\n`);
    }
    assert.equal((await web()).metadata.resourceVersion, before);
  });

  const refusals: [string, string][] = [
    ["replace", "must specify one of -f"],
    ["replace -f - --grace-period=3", "--grace-period must have --force specified"],
    ["replace -f - --timeout=3", "--timeout must have --force specified"],
    ["replace -f - --force --dry-run", "--dry-run can not be used when --force is set"],
  ];
  for (const [line, message] of refusals)
    it(`refuses "${line}"`, async () => {
      const { code, err } = await desk.wctl(line, { stdin: file() });
      assert.equal(code, 1);
      assert.ok(err.startsWith(`error: ${message}\n`), err);
    });
});
