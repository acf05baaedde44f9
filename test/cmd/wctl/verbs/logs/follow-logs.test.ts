import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Desk } from "../../desk.ts";

describe("wctl logs -f", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
    const web = await desk.process("web", { replicas: 2 });
    const [first, second] = [await desk.instance(web, 0, { phase: "Ready" }), await desk.instance(web, 1)];
    desk.logs.set(first.metadata.uid, "one\n");
    desk.logs.set(second.metadata.uid, "three\n");
  });
  after(() => desk.close());

  /** Until that is printed. */
  const follow = (line: string, until: RegExp, isTTY = false) => {
    const enough = new AbortController();
    let out = "";
    const onWrite = (text: string): void => {
      out += text;
      if (until.test(out)) enough.abort();
    };
    return desk.wctl(line, { isTTY, signal: enough.signal, onWrite });
  };

  it("follows all instances of a process, and names each at a terminal or when asked to", async () => {
    const all = /one[\s\S]*three|three[\s\S]*one/;
    assert.doesNotMatch((await follow("logs -f process/web", all)).out, /instance/);
    const named = /\[instance\/web-0\] one\n[\s\S]*\[instance\/web-1\] three|web-1\] three[\s\S]*web-0\] one/;
    assert.match((await follow("logs -f process/web --all", all)).out, named);
    const { out } = await follow("logs -f web", /web-1: run 1 ended/, true);
    assert.match(out, /--- web-1: run 1 ended ---/);
    assert.match(out, /\[instance\/web-1\] three/);
  });

  it("waits for a process that has no instances, and says so", async () => {
    await desk.process("none", { replicas: 0 });
    const ended = new AbortController();
    const onWrite = (text: string): void => {
      if (text.includes("no instances")) ended.abort();
    };
    const { err, out, code } = await desk.wctl("logs -f process/none", { signal: ended.signal, onWrite });
    assert.deepEqual([err, out, code], ['process "none" has no instances; waiting for them\n', "", 0]);
  });

  it("ends when what it follows has finished its work, and joins what comes", async () => {
    const job = await desk.process("job", { replicas: 2 });
    const first = await desk.instance(job, 0, { phase: "Succeeded" });
    desk.logs.set(first.metadata.uid, "done\n");
    let joined: Promise<unknown> | undefined;
    const onWrite = (text: string): void => {
      if (!text.includes("done")) return;
      joined ??= (async () => {
        const second = await desk.instance(job, 1, { phase: "Failed" });
        desk.logs.set(second.metadata.uid, "too\n");
      })();
    };
    const seen = desk.seenLogRequests();
    const { out, code } = await desk.wctl("logs -f process/job --tail=3", { onWrite });
    await joined;
    assert.equal(code, 0);
    assert.match(out, /^done\n/);
    assert.deepEqual(seen()[0], { follow: true, frames: true, index: 0, tailLines: 3 });
    const { index, present } = seen().find((options) => options.index === 1)!;
    assert.deepEqual([index, present], [1, true]);
  });

  it("follows what a selector matches, without names unless they are asked for", async () => {
    const { out } = await follow("logs -l wctl.dev/process=web -f --tail=1", /three/);
    assert.doesNotMatch(out, /instance/);
  });

  it("ends at once when a selector matches nothing", async () => {
    const { code, out, err } = await desk.wctl("logs -f -l app=none");
    assert.deepEqual([code, out, err], [0, "", "No resources found in default namespace.\n"]);
  });
});
