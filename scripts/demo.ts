/**
 * `make demo`, on Windows `npm run demo`: the main job, told in commands. Runs the built executable in a folder of its own and cleans up
 * after itself.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { demoSystem as system } from "./demo/system.ts";
import { ended, until } from "./demo/waiting.ts";

const root = join(import.meta.dirname, "..");
const wctl = join(root, system.program);
const dir = mkdtempSync(join(tmpdir(), "wctl-demo-"));
// The daemon makes it, for itself alone: it takes no folder that others could have written to.
const dataDir = join(dir, "data");
const kubeconfig = join(dataDir, "admin.kubeconfig");
const manifests = system.manifests(root, dir);
const colour =
  process.stdout.isTTY && !process.env.NO_COLOR ? (text: string) => `\x1b[1m${text}\x1b[0m` : (text: string) => text;

function say(text: string): void {
  console.log(`\n# ${text}`);
}

/** The folder of this demo has a long name that says nothing. */
const shown = (text: string): string => text.replaceAll(dataDir, "DIR").replaceAll(dir, "DIR");

const type = (command: string): void => console.log(colour(shown(`${system.prompt} ${command}`)));

const run = (args: readonly string[]) =>
  spawnSync(wctl, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, encoding: "utf8" });

/** Runs and shows; a demo that fails must say so. */
function show(...args: string[]): string {
  type(`wctl ${args.join(" ")}`);
  const ran = run(args);
  process.stdout.write(shown(ran.stdout));
  process.stderr.write(shown(ran.stderr));
  if (ran.status !== 0) throw new Error(`wctl ${args.join(" ")} exited with ${ran.status}`);
  return ran.stdout;
}

const quiet = (...args: string[]): string => run(args).stdout;

async function startDaemon(): Promise<ChildProcess> {
  type(system.beside(`wctl daemon --data-dir ${dataDir} --listen 127.0.0.1:0`));
  const daemon = spawn(wctl, ["daemon", "--data-dir", dataDir, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  daemon.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(shown(chunk.toString()));
  });
  await until("the ready line", () => {
    if (daemon.exitCode !== null) throw new Error(`the daemon exited with ${daemon.exitCode}`);
    return output.includes("wctld ready");
  });
  return daemon;
}

const pidOf = (instance: string): number => Number(quiet("get", "instance", instance, "-o", "jsonpath={.status.pid}"));

/** One program that watches, instead of one for each look. */
function wait(instance: string, path: string, value: string): void {
  const { status, stderr } = run([
    "wait",
    `instance/${instance}`,
    `--for=jsonpath=${path}=${value}`,
    "--timeout",
    "60s",
  ]);
  if (status !== 0) throw new Error(`${path} of ${instance} is not ${value}: ${stderr}`);
}

async function demo(): Promise<void> {
  let daemon = await startDaemon();
  try {
    say("Desired state: a one-shot, a server that waits for it, a program that logs.");
    show("apply", "-f", manifests, "--wait", "--timeout", "60s");
    show("get", "processes");
    show("get", "instances", "-o", "wide");

    say("Kill a process behind its back: it comes back.");
    const before = pidOf("web-0");
    type(system.killCommand(before));
    process.kill(before, "SIGKILL");
    wait("web-0", "{.status.restartCount}", "1");
    wait("web-0", "{.status.ready}", "true");
    if (pidOf("web-0") === before) throw new Error(`web-0 is still pid ${before}`);
    show("get", "instances", "-l", "wctl.dev/process=web", "-o", "wide");
    show("why", "instance/web-0");

    say("Scale it.");
    show("scale", "process/web", "--replicas", "3");
    show("rollout", "status", "process/web", "--timeout", "60s");

    say("Its output, and that of the program that ticks.");
    show("logs", "instance/web-2");
    show("logs", "process/ticker", "--tail", "3");

    say("Kill the daemon itself: the workloads go on, and the next daemon adopts them.");
    const kept = pidOf("web-1");
    type(`${system.killCommand(daemon.pid!)}   # the daemon`);
    daemon.kill("SIGKILL");
    await ended(daemon);
    daemon = await startDaemon();
    show("get", "instance", "web-1", "-o", "wide");
    if (pidOf("web-1") !== kept) throw new Error(`web-1 was ${kept} and is ${pidOf("web-1")}`);
    console.log(`web-1 is still pid ${kept}`);

    say("Clean up.");
    show("delete", "-f", manifests);
    if (system.runs(kept)) throw new Error(`pid ${kept} is left`);
  } catch (error) {
    process.stderr.write(readFileSync(join(dataDir, "wctld.log"), "utf8").slice(-4000));
    throw error;
  } finally {
    quiet("delete", "process", "--all"); // Windows has no SIGTERM: there the daemon can't take its workloads with it.
    daemon.kill("SIGTERM");
    await ended(daemon);
    rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

const built = spawnSync(process.execPath, [join(root, "scripts", "build.ts")], { stdio: "inherit" });
if (built.status !== 0) process.exit(built.status ?? 1);

try {
  await demo();
  console.log("\nThat was wctl.");
} catch (error) {
  console.error(`demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
