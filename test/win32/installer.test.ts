import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually } from "../eventually.ts";
import { isWindows, isWine } from "./platform.ts";
import { isAlive, type Ran, runProgram } from "./programs.ts";
import { fixturePath } from "./win32-harness.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const [msi] = isWindows ? globSync("*.msi", { cwd: dist }).map((name) => join(dist, name)) : [];
const skip = !isWindows
  ? "needs Windows: make test-windows"
  : msi === undefined
    ? "no installer in dist: make dist"
    : false;

/** The installer of dist/, on a machine where wctl is not installed. It is the only test of the service that is called `wctl`. */
describe("the installer", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-installer-"));
  const program = join(process.env.ProgramFiles ?? "C:\\Program Files", "wctl", "wctl.exe");
  const dataDir = join(folder, "data");
  const wctl = (...args: string[]): Promise<Ran> => runProgram(program, ...args);
  const client = (...args: string[]): Promise<Ran> => wctl("--kubeconfig", join(dataDir, "admin.kubeconfig"), ...args);
  /** Without pipes: what it starts may hold them longer than it lives. */
  const msiexec = async (...args: string[]): Promise<void> => {
    const [code] = await once(spawn("msiexec", [...args, "/qn"], { stdio: "ignore" }), "exit");
    assert.equal(code, 0);
  };
  const path = async (): Promise<string> =>
    (await runProgram("reg", "query", environment, "/v", "Path")).out.replace(/\s+/g, " ");
  const pid = async (): Promise<number> =>
    Number((await client("get", "instance", "web-0", "-o", "jsonpath={.status.pid}")).out);

  before(async () => {
    // A port and a folder of its own: what the service was installed with is kept by the installer.
    const flags = ["--data-dir", dataDir, "--listen", "127.0.0.1:0"];
    const { code, err } = await runProgram(join(dist, "wctl.exe"), "service", "install", ...flags);
    assert.equal(code, 0, err);
  });
  after(async () => {
    await runProgram(join(dist, "wctl.exe"), "service", "uninstall", "--purge");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  it("puts the program in its place, on the PATH, and starts the service", async () => {
    await msiexec("/i", msi!);
    assert.ok(existsSync(program));
    assert.equal(globSync("koffi-*.node", { cwd: dirname(program) }).length, 1, "the addon lies beside the program");
    const { commandLine, state } = JSON.parse((await wctl("service", "status", "-o", "json")).out);
    assert.equal(state, "Running");
    assert.ok(commandLine.startsWith(`"${program}" daemon --service`), commandLine);
    assert.match(await path(), /Program Files\\wctl/);
  });

  it("replaces an older version while the workloads go on", async () => {
    const manifest = join(folder, "web.yaml");
    const spec = { command: process.execPath, args: [fixturePath("runs-forever")] };
    const object = { apiVersion: "wctl.dev/v1", kind: "Process", metadata: { name: "web" }, spec };
    writeFileSync(manifest, JSON.stringify(object));
    const { code, err } = await client("apply", "-f", manifest);
    assert.equal(code, 0, err);
    await eventually(async () => (await pid()) > 0, "the process runs");
    const before = await pid();
    // What Windows' RemoveExistingProducts does with the old version; Wine's does not say that it is an upgrade.
    await msiexec("/x", msi!, "UPGRADINGPRODUCTCODE={00000000-0000-0000-0000-000000000000}");
    assert.ok(!existsSync(program));
    assert.ok(isAlive(before));
    await msiexec("/i", msi!);
    await eventually(async () => /Adopted/.test((await client("get", "events")).out), "the workload was adopted");
    assert.equal(await pid(), before);
    assert.ok(isAlive(before));
  });

  it("removes the program and the service, with its workloads; the data stay", async () => {
    const workload = await pid();
    await msiexec("/x", msi!);
    assert.ok(!existsSync(program));
    assert.ok(!isAlive(workload));
    assert.equal((await runProgram(join(dist, "wctl.exe"), "service", "status")).code, 4);
    assert.ok(!/Program Files\\wctl/.test(await path()) || isWine);
    assert.ok(existsSync(join(dataDir, "store.db")));
  });
});

const environment = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment";
