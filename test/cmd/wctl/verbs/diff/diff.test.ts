import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { processes } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";

describe("wctl diff", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open();
  });
  after(() => desk.close());

  const manifest = (replicas: number): string =>
    `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: differs}\nspec: {command: /bin/web, replicas: ${replicas}}\n`;

  it("shows nothing and succeeds when nothing differs, else exits with 1", async () => {
    await desk.wctl("apply -f -", { stdin: manifest(1) });
    assert.deepEqual(await desk.wctl("diff -f -", { stdin: manifest(1) }), { code: 0, out: "", err: "" });
    const { code, out } = await desk.wctl("diff -f -", { stdin: manifest(3) });
    assert.equal(code, 1);
    assert.match(
      out,
      /^--- LIVE\/wctl.dev.v1.Process.default.differs\n\+\+\+ MERGED\/wctl.dev.v1.Process.default.differs\n@@/,
    );
    assert.match(out, /\n- {2}replicas: 1\n\+ {2}replicas: 3\n/);
    assert.equal((await desk.client.get(processes, "default/differs")).spec.replicas, 1);
    assert.match(
      (await desk.wctl("diff -f -", { stdin: manifest(3), isTTY: true })).out,
      /\x1b\[32m\+ {2}replicas: 3\x1b\[0m/,
    );
  });

  it("exits with more than 1 when it fails", async () => {
    assert.equal((await desk.wctl("diff -f -", { stdin: "kind: [" })).code, 2);
    assert.equal((await desk.wctl("diff -f -", { stdin: manifest(-1) })).code, 2);
    assert.equal((await desk.wctl("diff")).code, 2);
  });
});
