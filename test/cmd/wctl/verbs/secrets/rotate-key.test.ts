import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { StatusError } from "../../../../../api/errors.ts";
import { TestServer } from "../../../../apiserver/test-server.ts";
import { Desk } from "../../desk.ts";

describe("wctl secrets rotate-key", () => {
  const asked: boolean[] = [];
  let refusal: Error | undefined;
  let desk: Desk;
  before(async () => {
    const rotate = async ({ dryRun }: { dryRun: boolean }) => {
      if (refusal) throw refusal;
      asked.push(dryRun);
      const key = { id: "0123456789abcdef", created: "2026-01-01T00:00:00.000Z" };
      return { kind: "SecretKeyRotation", dryRun, key, rewritten: 3, removed: dryRun ? [] : ["fedcba9876543210"] };
    };
    desk = await Desk.over(await TestServer.start({ secretKeys: { rotate } }));
  });
  after(() => desk.close());

  it("says which key writes now, how much was rewritten, and which key is gone", async () => {
    assert.deepEqual(await desk.wctl("secrets rotate-key"), {
      code: 0,
      out: "key of the secrets rotated: 0123456789abcdef writes now, 3 records rewritten, fedcba9876543210 removed\n",
      err: "",
    });
  });

  it("with --dry-run changes nothing: client asks nobody, server says which key would be replaced", async () => {
    asked.length = 0;
    assert.equal((await desk.wctl("secrets rotate-key --dry-run")).out, "key of the secrets rotated (dry run)\n");
    assert.deepEqual(asked, []);
    assert.match(
      (await desk.wctl("secrets rotate-key --dry-run=server")).out,
      /^key 0123456789abcdef of 2026.* would be replaced \(server dry run\)\n$/,
    );
    assert.deepEqual(asked, [true]);
  });

  it("tells what the server refuses, and takes no words", async () => {
    refusal = new StatusError("ServiceUnavailable", "store.db is damaged");
    const { code, err } = await desk.wctl("secrets rotate-key");
    assert.deepEqual([code, err], [1, "Error from server (ServiceUnavailable): store.db is damaged\n"]);
    assert.equal((await desk.wctl("secrets rotate-key now")).code, 1);
  });
});
