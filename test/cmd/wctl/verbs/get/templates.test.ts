import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Desk } from "../../desk.ts";
import { furnishedDesk } from "../../furnished-desk.ts";

describe("wctl get, in templates", () => {
  let desk: Desk;
  before(async () => {
    desk = await furnishedDesk();
  });
  after(() => desk.close());

  it("prints fields and columns of the user's choice", async () => {
    assert.equal((await desk.wctl(["get", "process/web", "-o", "jsonpath={.spec.replicas}"])).out, "2");
    assert.equal(
      (await desk.wctl(["get", "inst", "-o", 'jsonpath={range .items[*]}{.metadata.name}={.status.pid}{"\\n"}{end}']))
        .out,
      "web-0=4711\nweb-1=\n",
    );
    assert.equal(
      (await desk.wctl("get inst -o custom-columns=NAME:.metadata.name,PID:.status.pid,ARGS:.spec.command")).out,
      "NAME    PID      ARGS\nweb-0   4711     /bin/web\nweb-1   <none>   /bin/web\n",
    );
  });

  it("sorts by any field, missing ones first", async () => {
    const names = (line: string) => desk.wctl(line).then(({ out }) => out.trim().split("\n"));
    assert.deepEqual(await names("get inst -o name --sort-by=.status.pid"), [
      "instance.wctl.dev/web-1",
      "instance.wctl.dev/web-0",
    ]);
    assert.deepEqual(await names("get inst -o name --sort-by={.status.restartCount}"), [
      "instance.wctl.dev/web-0",
      "instance.wctl.dev/web-1",
    ]);
    assert.match(
      (await desk.wctl("get inst --sort-by=.no.such")).err,
      /^error: couldn't find any field with path "\.no\.such"/,
    );
  });

  it("says what is wrong with a template", async () => {
    assert.match(
      (await desk.wctl(["get", "inst", "-o", "jsonpath={.items["])).err,
      /^error: error parsing jsonpath \{\.items\[, /,
    );
    assert.match(
      (await desk.wctl("get inst -o custom-columns=NAME")).err,
      /^error: unexpected custom-columns spec: NAME/,
    );
  });
});
