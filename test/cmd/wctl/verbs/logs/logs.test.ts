import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Desk } from "../../desk.ts";
import { furnishedDesk } from "../../furnished-desk.ts";

describe("wctl logs", () => {
  let desk: Desk;
  before(async () => {
    desk = await furnishedDesk();
  });
  after(() => desk.close());

  it("prints the bytes as they were written when nobody looks", async () => {
    assert.deepEqual(await desk.wctl("logs instance/web-0"), { code: 0, out: "one\ntwo\x1b[31m red\x07\n", err: "" });
  });

  it("shows colours on a terminal, each line's own, and no other control character", async () => {
    assert.equal((await desk.wctl("logs web-0", { isTTY: true })).out, "one\ntwo\x1b[31m red\x1b[0m\n");
  });

  it("chooses the running one of several instances, and says which", async () => {
    const { out, err } = await desk.wctl("logs process/web");
    assert.deepEqual([out.slice(0, 3), err], ["one", "Found 2 instances, using instance/web-0\n"]);
    assert.equal((await desk.wctl("logs web")).err, err);
  });

  it("prints all of them with their names", async () => {
    const { out, err } = await desk.wctl("logs process/web --all");
    assert.equal(err, "");
    assert.match(
      out,
      /^\[instance\/web-0\] one\n\[instance\/web-0\] two.*\n\[instance\/web-1\] three\n\[instance\/web-1\] four\n$/,
    );
    assert.match((await desk.wctl("logs -l wctl.dev/process=web --prefix")).out, /^\[instance\/web-0\] one/);
  });

  it("asks the server for what the flags say", async () => {
    const seen = desk.seenLogRequests();
    await desk.wctl("logs web-0 -f -p --since=90s --tail=7 --timestamps --limit-bytes=100");
    await desk.wctl("logs -l wctl.dev/process=web");
    const [asked, bySelector] = seen();
    assert.deepEqual(
      [asked?.follow, asked?.previous, asked?.sinceSeconds, asked?.tailLines, asked?.timestamps, asked?.limitBytes],
      [true, true, 90, 7, true, 100],
    );
    assert.equal(bySelector?.tailLines, 10);
  });

  it("asks for one run by its number, or for all", async () => {
    const seen = desk.seenLogRequests();
    await desk.wctl("logs web-0 --run=3");
    await desk.wctl("logs web-0 --all-runs");
    assert.deepEqual(seen(), [{ run: 3 }, { allRuns: true }]);
  });

  it("finds what copies wrote that are not there now, and says so", async () => {
    const { uid } = (await desk.process("away", { replicas: 0 })).metadata;
    assert.match((await desk.wctl("logs process/away")).err, /^error: process "away" has no instances/);
    desk.logs.set(`${uid}/0`, "last\n");
    desk.logs.set(`${uid}/1`, "also\n");
    const said = "Not there now: instance/away-0; this is what the last run wrote\n";
    for (const words of ["away", "process/away", "away-0", "instance/away-0"])
      assert.deepEqual(await desk.wctl(`logs ${words}`), { code: 0, out: "last\n", err: said }, words);
    assert.equal((await desk.wctl("logs process/away --all")).out, "[instance/away-0] last\n[instance/away-1] also\n");
    const seen = desk.seenLogRequests();
    await desk.wctl("logs away-1 --run=2");
    assert.deepEqual(seen().at(-1), { index: 1, run: 2 });
    assert.match((await desk.wctl("logs away-2")).err, /NotFound.*processes.wctl.dev "away-2" not found/);
    assert.match((await desk.wctl("logs instance/away-2")).err, /NotFound.*instances.wctl.dev "away-2" not found/);
    assert.match((await desk.wctl("logs process/away-0")).err, /NotFound.*processes.wctl.dev "away-0" not found/);
  });

  it("refuses to follow more logs than it may", async () => {
    const { code, err } = await desk.wctl("logs process/web --all -f --max-log-requests=1");
    assert.equal(code, 1);
    assert.match(err, /^error: you are attempting to follow 2 log streams, but maximum allowed concurrency is 1/);
  });

  const refusals: [string, RegExp][] = [
    ["logs", /^error: expected 'logs NAME'/],
    ["logs ghost", /^Error from server \(NotFound\): processes.wctl.dev "ghost" not found/],
    ["logs namespace/default", /^error: cannot get the logs from namespaces/],
    ["logs web --since=1s --since-time=2026-01-01T00:00:00Z", /^error: at most one of/],
    ["logs web --run=1 -p", /^error: at most one of --previous or --run may be specified/],
    ["logs web --run=0", /^error: --run must be at least 1/],
    ["logs web --since-time=yesterday", /^error: --since-time must be a time such as/],
  ];
  for (const [line, message] of refusals) {
    it(`refuses "${line}"`, async () => assert.match((await desk.wctl(line)).err, message));
  }
});
