/** What asks the network and the disk of Windows: an editor's kubeconfig, both protocols, the audit log while it is written, commands by WebSocket. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { channels } from "../../api/exec/exec-connection.ts";
import { namespaces, processes, roleBindings } from "../../api/scheme.ts";
import { WebSocketClient } from "../apiserver/exec/websocket-client.ts";
import { Asking } from "../e2e/asking.ts";
import { eventually } from "../eventually.ts";
import { DaemonProcess } from "./daemon-process.ts";
import { isWindows } from "./platform.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";
const built = fileURLToPath(new URL("../../dist/wctl.exe", import.meta.url));

describe("roles, on wctl.exe", { skip }, () => {
  let folder: string;
  let daemon: DaemonProcess;
  let admin: Asking;
  let eve: Asking;
  const kept = "/apis/wctl.dev/v1/namespaces/a/instances/kept-0";
  const beside = (who: Asking, code: string) =>
    WebSocketClient.open(
      { url: who.server, certificates: { ca: who.tls.ca, admin: who.tls } },
      `/api/v1/namespaces/a/pods/kept-0/exec?stdout=1&${[process.execPath, "-e", code].map((word) => `command=${encodeURIComponent(word)}`).join("&")}`,
    );
  before(async () => {
    assert.ok(existsSync(built), "dist/wctl.exe is not there; make dist builds it");
    folder = mkdtempSync(join(tmpdir(), "wctl-roles-"));
    daemon = new DaemonProcess(built, folder);
    await daemon.start();
    const { client } = daemon;
    for (const name of ["a", "b"])
      await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await client.create(roleBindings, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "eve", namespace: "a" },
      subjects: [{ kind: "User", name: "eve" }],
      roleRef: { kind: "ClusterRole", name: "edit" },
    });
    await client.create(processes, {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "kept", namespace: "a" },
      spec: { command: process.execPath, args: ["-e", "setInterval(() => {}, 1e8)"] },
    });
    admin = await Asking.as(join(daemon.dataDir, "admin.kubeconfig"));
    const kubeconfig = join(folder, "eve.kubeconfig");
    writeFileSync(kubeconfig, (await admin.ask("POST", "/kubeconfigs?user=eve")).text);
    eve = await Asking.as(kubeconfig);
    await eventually(async () => (await admin.ask("GET", kept)).json?.status?.ready === true, "the copy is ready");
  });
  after(async () => {
    await admin.ask("DELETE", "/apis/wctl.dev/v1/namespaces/a/processes/kept");
    await eventually(async () => (await admin.ask("GET", kept)).code === 404, "the copy is gone");
    eve?.close();
    admin.close();
    await daemon.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  it("allow what they say over both protocols, and nothing else", async () => {
    for (const isHttp2 of [false, true])
      for (const [namespace, code] of [
        ["a", 200],
        ["b", 403],
      ] as const)
        assert.equal((await eve.ask("GET", `/api/v1/namespaces/${namespace}/secrets`, { isHttp2 })).code, code);
  });

  it("decide about commands, which a WebSocket carries", async () => {
    const refused = await beside(eve, "0");
    assert.ok("code" in refused);
    assert.match(refused.message, /^pods "kept-0" is forbidden: .*cannot use resource "accounts" "default"/);
    const session = await beside(admin, "process.stdout.write('beside')");
    assert.ok("heard" in session);
    await eventually(() => session.isOver, "the session is over");
    assert.equal(session.on(channels.stdout), "beside");
    assert.equal(JSON.parse(session.on(channels.outcome)).status, "Success");
  });

  it("are the administrator's by the local door, when nobody answers HTTPS", async () => {
    const text = readFileSync(join(daemon.dataDir, "admin.kubeconfig"), "utf8");
    assert.match(text, /pipe: "ProtectedPrefix/);
    const [byDoor, byNothing] = [join(folder, "door.kubeconfig"), join(folder, "no-door.kubeconfig")];
    const unreachable = text.replaceAll(admin.server, "https://127.0.0.1:1");
    writeFileSync(byDoor, unreachable);
    writeFileSync(
      byNothing,
      unreachable.replace(/pipe: "[^"]+"/, (pipe) => pipe.replace(/"$/, '0"')),
    );
    const get = (kubeconfig: string) =>
      promisify(execFile)(built, ["--kubeconfig", kubeconfig, "get", "processes", "-n", "a"]);
    assert.match((await get(byDoor)).stdout, /^kept /m);
    await assert.rejects(get(byNothing), { code: 1 });
  });

  it("leave lines in the audit log, which can be read while it is written", () => {
    const log = join(daemon.dataDir, "audit");
    const events = readdirSync(log).flatMap((name) =>
      readFileSync(join(log, name), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    );
    const of = (user: string, code: number) =>
      events.some((event) => event.user.username === user && event.responseStatus?.code === code);
    assert.ok(of("eve", 403), "her refusals");
    assert.ok(events.some(({ verb, objectRef }) => verb === "create" && objectRef?.resource === "rolebindings"));
  });
});
