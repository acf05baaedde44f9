import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeBackup } from "../../../../api/backup/backup.ts";
import { TestServer } from "../../../apiserver/test-server.ts";
import { Desk } from "../desk.ts";

describe("wctl backup", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-backup-verb-"));
  let answer = "";
  let desk: Desk;
  before(async () => {
    desk = await Desk.over(await TestServer.start({ backup: async () => answer }));
  });
  after(async () => {
    await desk.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("writes what the server sends, once it is sure that it is whole", async () => {
    const files = new Map((["store.db", "secrets.key", "node-name"] as const).map((name) => [name, Buffer.from(name)]));
    answer = await writeBackup({ createdAt: "2026-01-31T00:00:00Z", wctlVersion: "0.1.0", files });
    const file = join(folder, "whole");
    const { code, out } = await desk.wctl(["backup", file]);
    assert.deepEqual([code, out], [0, `${file} written (3 files, ${answer.length + 1} bytes)\n`]);
    assert.equal(readFileSync(file, "utf8"), `${answer}\n`);
    rmSync(file);
  });

  for (const sent of ["", "{}", '{"kind":"Backup"}']) {
    it(`writes nothing when the server sends ${JSON.stringify(sent)}`, async () => {
      answer = sent;
      const { code } = await desk.wctl(["backup", join(folder, "none")]);
      assert.equal(code, 1);
      assert.deepEqual(readdirSync(folder), []);
    });
  }

  it("is the administrator's, by POST alone", async () => {
    assert.equal((await desk.server.ask("POST", "/backup", { as: "nobody" })).code, 401);
    assert.equal((await desk.server.ask("POST", "/backup", { as: "jane" })).code, 403);
    const asNode = { headers: { authorization: "Bearer here-token" }, as: "nobody" } as const;
    assert.equal((await desk.server.ask("POST", "/backup", asNode)).code, 403, "the agent of a node");
    assert.equal((await desk.server.ask("GET", "/backup")).code, 405);
    for (const path of ["/backup/", "//backup", "/backup/x", "/%62ackup", "/./backup"]) {
      assert.ok((await desk.server.ask("POST", path, { as: "jane" })).code >= 400, path);
    }
  });

  it("wants one name", async () => {
    for (const words of ["backup", "backup a b"]) assert.equal((await desk.wctl(words)).code, 1);
  });
});
