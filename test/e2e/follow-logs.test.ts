/** `wctl logs -f` goes on, whatever happens to the copies and to the daemon: it prints exactly what they wrote. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest, eventually, wctlPath } from "./daemon-under-test.ts";

const manifest = readFileSync(join(import.meta.dirname, "../../manifests/examples/follow.yaml"), "utf8").replace(
  "sleep 0.5",
  "sleep 0.1",
);

describe("wctl logs -f", () => {
  let daemon: DaemonUnderTest;
  /** Else one of a test that has failed waits for its daemon for ever. */
  const followers: ChildProcess[] = [];
  before(async () => {
    daemon = await DaemonUnderTest.start("--on-stop", "keep");
  });
  after(async () => {
    for (const child of followers) child.kill();
    await daemon.dispose();
  });

  const follow = (...args: string[]) => {
    const env = { ...process.env, KUBECONFIG: daemon.kubeconfig };
    const child = spawn(wctlPath, ["logs", "-f", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    followers.push(child);
    const seen = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => (seen.out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (seen.err += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    return { seen, ended };
  };
  /** What a copy has written, all its runs. */
  const written = (owner: string, index: number): string => {
    const logs = join(daemon.dataDir, "homes", owner, String(index), "logs");
    const runs = readdirSync(logs).filter((name) => name.endsWith(".out"));
    return runs
      .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
      .map((name) => readFileSync(join(logs, name), "utf8"))
      .join("");
  };
  const linesOf = (text: string, copy: string): string =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`[instance/${copy}] `))
      .map((line) => `${line.slice(copy.length + 12)}\n`)
      .join("");
  const pid = async (): Promise<number> => (await daemon.json("instance", "ticker-0")).status.pid;

  it("goes on over a crash, a rollout, scaling and the death of the daemon; loses no line and doubles none", async () => {
    await daemon.apply(manifest);
    await eventually("a pid", pid);
    const owner = (await daemon.json("process", "ticker")).metadata.uid;
    const all = follow("process/ticker", "--prefix");
    const one = follow("instance/ticker-0");
    /** Both followers have printed so many runs of the first copy, and some lines of the last. */
    const runs = (count: number) =>
      eventually(`run ${count}`, () => {
        const each = [linesOf(all.seen.out, "ticker-0"), one.seen.out].map((text) => text.split("begins").slice(1));
        return each.every((texts) => texts.length === count && texts.at(-1)?.includes("tick 2\n"));
      });
    await runs(1);
    process.kill(await pid(), "SIGKILL");
    await runs(2);
    await daemon.ok("rollout", "restart", "process/ticker");
    await runs(3);
    await daemon.ok("scale", "process/ticker", "--replicas=2");
    await eventually("the second copy", () => linesOf(all.seen.out, "ticker-1").includes("tick 2\n"));
    await daemon.ok("scale", "process/ticker", "--replicas=1");
    const url = /https:\S+/.exec(daemon.readyLine()!)![0];
    const before = all.seen.out.length;
    await daemon.end("SIGKILL");
    await eventually("both to notice", () =>
      [all, one].every(({ seen }) => seen.err.includes("waiting for the daemon")),
    );
    await daemon.start("--listen", new URL(url).host);
    await eventually("more lines", () => all.seen.out.length > before + 100);
    await daemon.ok("scale", "process/ticker", "--replicas=0");
    await eventually("nothing to run", async () => (await daemon.json("instances")).items.length === 0);
    for (const index of [0, 1]) {
      const expected = written(owner, index);
      const name = `ticker-${index}`;
      await eventually(`all of ${name}`, () => linesOf(all.seen.out, name).length >= expected.length);
      assert.equal(linesOf(all.seen.out, name), expected);
    }
    assert.equal(await one.ended, 0, "its copy was scaled away");
    assert.equal(one.seen.out, written(owner, 0));
    await daemon.ok("delete", "process/ticker");
    assert.equal(await all.ended, 0, "its process was deleted");
    assert.equal(all.seen.err.match(/waiting for the daemon/g)?.length, 1, all.seen.err);
  });
});
