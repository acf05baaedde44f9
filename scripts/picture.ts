// make picture: docs/picture.svg, what the README shows. Runs the built program for real, keeps what it printed and when, and draws that.
// On Linux, with python3 and a writable cgroup (as root).
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { demoSystem } from "./demo/system.ts";
import { ended, until } from "./demo/waiting.ts";
import { Stage } from "./picture/stage.ts";
import { svgOf } from "./picture/svg.ts";

const project = resolve(import.meta.dirname, "..");
const wctl = join(project, "build/wctl");
const dir = mkdtempSync(join(tmpdir(), "wctl-picture-"));
// The daemon makes it, for itself alone: it takes no folder that others could have written to.
const dataDir = join(dir, "data");
const daemonArgs = ["daemon", "--data-dir", dataDir, "--listen", "127.0.0.1:0"];
copyFileSync(join(project, "manifests/picture/web.yaml"), join(dir, "web.yaml"));

const stage = new Stage(wctl, dir, { ...process.env, KUBECONFIG: join(dataDir, "admin.kubeconfig") }, (text) =>
  text.replaceAll(dataDir, "DIR").replaceAll(dir, "DIR"),
);
const pidOf = async (name: string): Promise<number> =>
  Number(await stage.ask("get", "instance", name, "-o", "jsonpath={.status.pid}"));
const isReady = async (name: string): Promise<boolean> =>
  (await stage.ask("get", "instance", name, "-o", "jsonpath={.status.ready}")) === "true";
const startDaemon = async () => {
  stage.type("wctl daemon --data-dir DIR --listen 127.0.0.1:0 &");
  return stage.daemon(daemonArgs);
};

let daemon = await startDaemon();
try {
  stage.type("cat web.yaml");
  await stage.run("/bin/cat", ["web.yaml"]);
  await stage.wctl("apply", "-f", "web.yaml", "--wait");
  await stage.wctl("get", "processes");
  await stage.wctl("get", "instances", "-o", "wide");

  stage.say("Kill one behind its back: it comes back.");
  const victim = await pidOf("web-0");
  stage.type(demoSystem.killCommand(victim));
  process.kill(victim, "SIGKILL");
  await until("web-0 with a new pid", async () => (await pidOf("web-0")) !== victim && (await isReady("web-0")));
  await stage.wctl("get", "instances", "-o", "wide");
  await stage.wctl("why", "instance/web-0");

  stage.say("Everything about it.");
  await stage.first(20, "describe", "process/web");

  stage.say("Kill the daemon itself, and start it again: nothing else notices.");
  const kept = await pidOf("web-1");
  stage.type(demoSystem.killCommand(daemon.pid!));
  daemon.kill("SIGKILL");
  await ended(daemon);
  daemon = await startDaemon();
  await stage.wctl("get", "instances", "-o", "wide");
  if ((await pidOf("web-1")) !== kept) throw new Error(`web-1 was ${kept}`);

  stage.say("Roll a new template out, one copy after the other.");
  await stage.wctl("rollout", "restart", "process/web");
  await stage.wctl("rollout", "status", "process/web");
  await stage.wctl("get", "instances", "-o", "wide");

  await stage.ask("delete", "-f", "web.yaml");
  if (demoSystem.runs(kept)) throw new Error(`pid ${kept} is left`);
} finally {
  daemon.kill("SIGTERM");
  await ended(daemon);
  rmSync(dir, { recursive: true, force: true });
}

const title =
  "A terminal: wctl applies a manifest of three copies, one is killed and comes back, the daemon is killed and adopts them, a new template rolls out";
const svg = svgOf(stage.entries, { columns: 92, rows: 24 }, title);
writeFileSync(join(project, "docs/picture.svg"), svg);
console.error(`picture: docs/picture.svg (${(svg.length / 1024).toFixed(1)} KiB)`);
for (const entry of stage.entries) console.log(entry.kind === "output" ? entry.text.trimEnd() : `$ ${entry.text}`);
