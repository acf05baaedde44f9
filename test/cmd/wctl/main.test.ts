import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { wctlPath } from "../../e2e/daemon-under-test.ts";
import { idleMs } from "../../idle-clock.ts";
import { Desk } from "./desk.ts";

describe("wctl as a program", () => {
  let desk: Desk;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    desk = await Desk.open();
    folder = mkdtempSync(join(tmpdir(), "wctl-main-"));
    const { ca, admin } = desk.server.certificates;
    const base64 = (pem: string): string => Buffer.from(pem).toString("base64");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "t", cluster: { server: desk.server.url, "certificate-authority-data": base64(ca) } }],
      users: [
        { name: "t", user: { "client-certificate-data": base64(admin.cert), "client-key-data": base64(admin.key) } },
      ],
      contexts: [{ name: "t", context: { cluster: "t", user: "t" } }],
      "current-context": "t",
    };
    writeFileSync(join(folder, "kubeconfig"), JSON.stringify(config), { mode: 0o600 });
    env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: join(folder, "kubeconfig") };
  });
  after(async () => {
    await desk.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs beside the server, which lives in this very process. */
  function run(words: string[], more: NodeJS.ProcessEnv = {}) {
    const child = spawn(wctlPath, words, { env: { ...env, ...more } });
    const ran = { out: "", err: "", child };
    child.stdout.on("data", (chunk) => (ran.out += chunk));
    child.stderr.on("data", (chunk) => (ran.err += chunk));
    const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
    return { ran, ended };
  }

  it("finds the server by the kubeconfig and answers with exit codes", async () => {
    await desk.process("web");
    const good = run(["get", "processes"]);
    assert.deepEqual([await good.ended, good.ran.err], [0, ""]);
    assert.match(good.ran.out, /^NAME.*\nweb /);
    const bad = run(["get", "process", "ghost"]);
    assert.deepEqual([await bad.ended, bad.ran.out], [1, ""]);
    assert.equal(bad.ran.err, 'Error from server (NotFound): processes.wctl.dev "ghost" not found\n');
  });

  it("writes to a server that is not wctld only when it is named on the command line", async () => {
    const seen: string[] = [];
    const cluster = createServer(({ method, url = "" }, response) => {
      seen.push(`${method} ${url.split("?", 1)[0]}`);
      response.setHeader("content-type", "application/json");
      const web = { apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: "web", uid: "u" }, spec: {} };
      response.end(JSON.stringify(url === "/version" ? { gitVersion: "v1.30.2+k3s1" } : web));
    });
    await new Promise<void>((resolve) => cluster.listen(0, "127.0.0.1", resolve));
    const server = `http://127.0.0.1:${(cluster.address() as AddressInfo).port}`;
    const theirs = join(folder, "theirs");
    const contexts = [{ name: "prod", context: { cluster: "prod" } }];
    const clusters = [{ name: "prod", cluster: { server } }];
    writeFileSync(theirs, JSON.stringify({ kind: "Config", clusters, contexts, "current-context": "prod" }));
    const words = ["scale", "process/web", "--replicas=0"];
    const refused = run(words, { KUBECONFIG: theirs });
    assert.equal(await refused.ended, 1);
    assert.equal(
      refused.ran.err,
      `error: ${server} is not wctld (it says v1.30.2+k3s1): nothing was changed there\nIf you mean it, name it: --context NAME or --kubeconfig FILE.\n`,
    );
    assert.deepEqual(
      seen.filter((one) => !one.startsWith("GET ")),
      [],
    );
    for (const named of ["--context=prod", `--kubeconfig=${theirs}`]) {
      const done = run([...words, named], { KUBECONFIG: theirs });
      assert.deepEqual([await done.ended, done.ran.err], [0, ""]);
    }
    assert.equal(seen.filter((one) => one.startsWith("PATCH ")).length, 2);
    cluster.closeAllConnections();
    cluster.close();
  });

  it("shows stack traces only when asked to", async () => {
    const traced = run(["get", "process", "ghost"], { WCTL_DEBUG: "1" });
    await traced.ended;
    assert.match(traced.ran.err, /not found\nStatusError: .*\n {4}at /);
    const requests = run(["get", "ns", "-v", "6"]);
    await requests.ended;
    assert.match(requests.ran.err, /^GET https:\/\/\S+\/api\/v1\/namespaces\?\S+ 200 in \d+ milliseconds\n$/);
  });

  it("ends at once with 130 on Ctrl-C", async () => {
    const { ran, ended } = run(["get", "processes", "-w"]);
    await new Promise((resolve) => ran.child.stdout.once("data", resolve));
    const asked = idleMs();
    ran.child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.ok(idleMs() - asked < 2_000);
    assert.equal(ran.err, "");
  });

  it("ends quietly when its reader goes away", async () => {
    const { ran, ended } = run(["get", "processes", "-w"]);
    await new Promise((resolve) => ran.child.stdout.once("data", resolve));
    ran.child.stdout.destroy();
    await desk.process("another");
    assert.deepEqual([await ended, ran.err], [141, ""]);
  });

  it("says what to do when there is no server anywhere", () => {
    const { status, stderr } = spawnSync(wctlPath, ["version"], {
      env: { PATH: process.env.PATH, KUBECONFIG: join(folder, "missing") },
      encoding: "utf8",
    });
    assert.deepEqual(
      [status, stderr],
      [1, `error: KUBECONFIG names no file that exists: ${join(folder, "missing")}\n`],
    );
  });
});
