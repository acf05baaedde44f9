/** The daemon as a service of a real systemd: installed, started, restarted, crashed, stopped, removed. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually, wctlPath } from "./daemon-under-test.ts";
import { SystemdMachine } from "./systemd-machine.ts";

describe("wctl service under systemd", { skip: SystemdMachine.missing() ?? false }, () => {
  let machine: SystemdMachine;
  let dataDir: string;
  before(async () => {
    machine = await SystemdMachine.start();
    dataDir = join(machine.dir, "d%t a$HOME");
  });
  after(() => machine.dispose());

  const wctl = (...args: string[]): Promise<string> =>
    machine.ok(wctlPath, args, { KUBECONFIG: join(dataDir, "admin.kubeconfig") });
  const service = (...args: string[]): Promise<string> => wctl("service", ...args);
  const unit = async (property: string): Promise<string> =>
    (await machine.ok("systemctl", ["show", "wctl", `--property=${property}`, "--value"])).trim();
  const pidOf = (): Promise<string> => wctl("get", "instance", "notes-0", "-o", "jsonpath={.status.pid}");
  const isAlive = async (pid: string): Promise<boolean> => (await machine.run("kill", ["-0", pid])).code === 0;

  it("is installed with its flags, enabled, and started when the daemon supervises", async () => {
    const flags = ["--data-dir", dataDir, "--listen", "127.0.0.1:0"];
    assert.equal(await service("install", ...flags), `service/wctl created (data in ${dataDir})\n`);
    assert.equal(await service("install"), `service/wctl configured (data in ${dataDir})\n`);
    assert.equal(await service("start"), "service/wctl started\n");
    assert.match(await service("status"), /State: +Running \(pid \d+\)\nStartup: +enabled\n/);
    assert.deepEqual([await unit("StatusText"), await unit("NotifyAccess")], ["Supervising", "main"]);
    assert.ok(Number(await unit("WatchdogTimestampMonotonic")) > 0, "it gives signs of life");
    const manifest = join(import.meta.dirname, "../../manifests/examples/exec.yaml");
    await wctl("apply", "-f", manifest, "--wait");
  });

  it("leaves workloads running at a restart, at a crash and on request, and finds them again", async () => {
    const kubeconfig = join(dataDir, "admin.kubeconfig");
    const workload = await pidOf();
    await machine.ok("systemctl", ["restart", "wctl"]);
    assert.equal(await pidOf(), workload);
    const before = statSync(kubeconfig).mtimeMs;
    await machine.ok("kill", ["-9", await unit("MainPID")]);
    await eventually("it is started again", () => statSync(kubeconfig).mtimeMs !== before);
    assert.equal(await pidOf(), workload);
    assert.equal(await service("stop", "--keep-workloads"), "service/wctl stopped\n");
    assert.equal(await isAlive(workload), true);
    assert.equal((await machine.run(wctlPath, ["service", "status"])).code, 3);
    await service("start");
    assert.equal(await pidOf(), workload);
    const groups = await machine.ok("cat", [`/proc/${workload}/cgroup`]);
    assert.match(groups, /^0::.*\/wctl\.slice\/wctl-[0-9a-f]+\//m, "beside the service, in its slice");
  });

  it("is killed and started again when it hangs, and its workloads go on", async () => {
    const [workload, kubeconfig] = [await pidOf(), join(dataDir, "admin.kubeconfig")];
    const [folder, seconds] = ["/etc/systemd/system/wctl.service.d", 3];
    const shorter = `mkdir -p ${folder} && printf '[Service]\\nWatchdogSec=${seconds}\\n' > ${folder}/hang.conf`;
    await machine.ok("/bin/sh", ["-c", shorter]);
    await machine.ok("systemctl", ["daemon-reload"]);
    await machine.ok("systemctl", ["restart", "wctl"]);
    const [hung, before] = [await unit("MainPID"), statSync(kubeconfig).mtimeMs];
    await machine.ok("kill", ["-STOP", hung]);
    await eventually("it is started again", () => statSync(kubeconfig).mtimeMs !== before);
    assert.notEqual(await unit("MainPID"), hung);
    assert.equal(await pidOf(), workload);
    assert.match(await service("status"), /State: +Running/);
  });

  it("ends its workloads when it is stopped, and goes with all that belongs to it", async () => {
    const workload = await pidOf();
    assert.equal(await service("stop"), "service/wctl stopped\n");
    assert.equal(await isAlive(workload), false);
    assert.equal(await service("uninstall", "--purge"), `service/wctl deleted\n${dataDir} deleted\n`);
    assert.equal(existsSync(dataDir), false);
    assert.equal((await machine.run(wctlPath, ["service", "status"])).code, 4);
  });
});
