import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { instances } from "../../../../../api/scheme.ts";
import type { Desk } from "../../desk.ts";
import { furnishedDesk, happened } from "../../furnished-desk.ts";

describe("wctl events", () => {
  let desk: Desk;
  before(async () => {
    desk = await furnishedDesk();
  });
  after(() => desk.close());

  it("lists them with how often they happened", async () => {
    const { out } = await desk.wctl("events");
    assert.match(out, /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n/);
    assert.match(out, /\n\d+d +Normal +Started +instance\/web-0 +Started happened\n/);
    assert.match(out, /\n\d+d \(x3 over \d+d\) +Warning +BackOff +instance\/web-1 +BackOff happened\n/);
  });

  it("selects by object and by type", async () => {
    assert.equal((await desk.wctl("events --for instance/web-1 --no-headers")).out.split("\n").length, 2);
    assert.match((await desk.wctl("events --types=warning --no-headers")).out, /^[^\n]*BackOff[^\n]*\n$/);
    assert.match((await desk.wctl("events --types=Bad")).err, /^error: valid --types are Normal or Warning/);
    assert.equal((await desk.wctl("events --for process/ghost")).err, "No events found in default namespace.\n");
  });

  it("goes on with what is new", async () => {
    const stop = new AbortController();
    let sent = false;
    const onWrite = (text: string): void => {
      if (text.includes("Later")) stop.abort();
      if (sent) return;
      sent = true;
      void desk.client.get(instances, "default/web-0").then((web) => happened(desk, web, "Later", "Normal", 1));
    };
    const { out } = await desk.wctl("events -w", { signal: stop.signal, onWrite });
    assert.equal(out.match(/LAST SEEN/g)?.length, 1);
    assert.match(out.trimEnd().split("\n").at(-1)!, /Later/);
  });
});
