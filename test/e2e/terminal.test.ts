/** What a person sees at a terminal, and a pipe does not: colours, and lines that move. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DaemonUnderTest } from "./daemon-under-test.ts";
import { noTerminal, Terminal, type TerminalOptions, visible } from "./terminal.ts";

const sleeper = (name: string, spec = ""): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n  command: /bin/sleep\n  args: ["1000"]\n${spec}`;
const unready = "  readinessProbe: {exec: {command: [/bin/false]}, periodSeconds: 1}\n";

describe("at a terminal", { skip: noTerminal }, () => {
  let daemon: DaemonUnderTest;
  before(async () => {
    daemon = await DaemonUnderTest.start();
    await daemon.apply(`${sleeper("web")}---\n${sleeper("slow", unready)}`);
    await daemon.ok("wait", "--for=condition=Ready", "process/web", "--timeout=1h");
  });
  const terminals: Terminal[] = [];
  after(() => {
    for (const terminal of terminals) terminal.close();
    return daemon.dispose();
  });

  const at = (words: string[], options: TerminalOptions = {}): Terminal => {
    const terminal = new Terminal(words, { ...options, env: { KUBECONFIG: daemon.kubeconfig, ...options.env } });
    terminals.push(terminal);
    return terminal;
  };
  const seen = async (words: string[], options: TerminalOptions = {}): Promise<string> => {
    const terminal = at(words, options);
    await terminal.ended;
    return terminal.written;
  };

  it("words of STATUS have colours, unless they are refused; a pipe has none, unless they are asked for", async () => {
    const coloured = await seen(["get", "processes"]);
    assert.match(coloured, /^\x1b\[1mNAME\x1b\[0m +\x1b\[1mREADY/);
    assert.match(coloured, /\nweb +1\/1 +\x1b\[32mRunning\x1b\[0m +0 /);
    const withoutAge = (text: string): string => text.replace(/\x1b\[\d*m|\r|\d+s$/gm, "");
    for (const refused of [
      seen(["get", "processes", "--color=never"]),
      seen(["get", "processes"], { env: { NO_COLOR: "1" } }),
      daemon.ok("get", "processes"),
    ]) {
      const text = await refused;
      assert.doesNotMatch(text, /\x1b/);
      assert.equal(withoutAge(text), withoutAge(coloured));
    }
    assert.match(await daemon.ok("get", "processes", "--color=always"), /\x1b\[32mRunning\x1b\[0m/);
    assert.match(await seen(["describe", "process", "web"]), /Status: +\x1b\[32mRunning\x1b\[0m\r\n/);
    assert.match(await seen(["get", "process", "ghost"]), /^\x1b\[31mError from server \(NotFound\):\x1b\[0m /);
  });

  it("a followed log has colours, nothing else that a program sends to a terminal, and marks between runs", async () => {
    const example = join(import.meta.dirname, "../../manifests/examples/follow.yaml");
    await daemon.apply(readFileSync(example, "utf8").replace("sleep 0.5", "sleep 1000"));
    const terminal = at(["logs", "-f", "process/ticker"]);
    await terminal.shows(/^run 1 \x1b\[32mbegins\x1b\[0m\r\n/);
    process.kill((await daemon.json("instance", "ticker-0")).status.pid, "SIGKILL");
    const mark = (text: string): string => `\x1b\\[36m--- ticker-0: ${text} ---\x1b\\[0m\r\n`;
    const next = `${mark("run 1 ended, by signal SIGKILL")}${mark("run 2 begins")}run 2 `;
    await terminal.shows(new RegExp(next));
    await daemon.ok("delete", "process/ticker");
    assert.equal(await terminal.ended, 0);
    assert.match(terminal.written, new RegExp(`${mark("deleted")}$`));
    assert.doesNotMatch(terminal.written, /\x1b[^[]|\x07|title/);
  });

  it("a wait moves on one line, as wide as the window, and Ctrl-C takes it away", async () => {
    const terminal = at(["wait", "--for=condition=Ready", "process/slow", "--timeout=1h"], { columns: 40 });
    await terminal.shows(/\r\x1b\[KWaiting for condition=Ready of process…/);
    terminal.type("\x03");
    assert.equal(await terminal.ended, 130);
    for (const text of terminal.written.split("\r\x1b[K")) assert.ok(text.replace("^C", "").length < 40, text);
    assert.deepEqual(visible(terminal.written), [""]);
  });

  it("what was waited for is told above what is still awaited, and nothing else stays", async () => {
    const applied = at(["apply", "-f", "-", "--wait"]);
    applied.type(`${sleeper("late", unready.replace("false", "true"))}\n\x04`);
    assert.equal(await applied.ended, 0);
    assert.match(applied.written, /\r\x1b\[Klate: 0 /);
    assert.deepEqual(visible(applied.written).slice(-2), ["process.wctl.dev/late created", ""]);
    const deleted = await seen(["delete", "process/late"]);
    assert.match(deleted, /\r\x1b\[KWaiting for process\/late to be gone\.\.\./);
    assert.deepEqual(visible(deleted), ['process.wctl.dev "late" deleted', ""]);
    const both = await seen(["wait", "--for=condition=Ready", "process/web", "process/slow", "--timeout=1s"]);
    assert.deepEqual(visible(both), [
      "process.wctl.dev/web condition met",
      "error: timed out waiting for the condition on processes/slow",
      "",
    ]);
  });

  it("top -w is drawn in one place, keys sort it, and it leaves the last table; a pipe gets one after the other", async () => {
    const terminal = at(["top", "instances", "-w", "--interval=1s"], { columns: 60, rows: 10 });
    await terminal.shows(/every 1s, by cpu/);
    terminal.type("n");
    await terminal.shows(/\x1b\[4A\r.*NAME[\s\S]*by name/);
    terminal.type("q");
    assert.equal(await terminal.ended, 0);
    const table = visible(terminal.written.slice(terminal.written.lastIndexOf("\x1b[4A")));
    assert.deepEqual(
      table.map((text) => text.split(/\s/, 1)[0]),
      ["NAME", "slow-0", "web-0", "every", ""],
    );
    const stopped = at(["top", "instances", "-w"]);
    await stopped.shows(/every 2s/);
    stopped.type("\x03");
    assert.equal(await stopped.ended, 130);
    assert.match(
      await daemon.printed(/(?:NAME[\s\S]*?\n\n){2}/, "top", "instances", "-w", "--interval=1s"),
      /^NAME +CPU/,
    );
  });
});
