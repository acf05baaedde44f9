import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { conflict } from "../../api/errors.ts";
import { secrets } from "../../api/scheme.ts";
import { TestServer } from "./test-server.ts";

describe("POST /secretkeys/rotate", () => {
  const asked: boolean[] = [];
  let refusal: Error | undefined;
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({
      secretKeys: {
        rotate: async ({ dryRun }) => {
          if (refusal) throw refusal;
          asked.push(dryRun);
          return { kind: "SecretKeyRotation", dryRun };
        },
      },
    });
  });
  after(() => server.stop());

  it("is the administrator's: strangers and other users change nothing", async () => {
    assert.equal((await server.ask("POST", "/secretkeys/rotate", { as: "nobody" })).code, 401);
    const other = await server.ask("POST", "/secretkeys/rotate", { as: "jane" });
    assert.deepEqual([other.code, other.json.reason], [403, "Forbidden"]);
    assert.match(other.json.message, /User "jane" cannot post path "\/secretkeys\/rotate"/);
    assert.deepEqual(asked, []);
  });

  it("rotates, or with dryRun=All only looks; everything else is refused", async () => {
    const done = await server.ask("POST", "/secretkeys/rotate");
    assert.deepEqual([done.code, done.json], [200, { kind: "SecretKeyRotation", dryRun: false }]);
    assert.equal((await server.ask("POST", "/secretkeys/rotate?dryRun=All")).json.dryRun, true);
    assert.equal((await server.ask("POST", "/secretkeys/rotate?dryRun=true")).code, 400);
    for (const method of ["GET", "PUT", "DELETE"]) {
      assert.equal((await server.ask(method, "/secretkeys/rotate")).code, 405, method);
    }
    assert.equal((await server.ask("POST", "/secretkeys")).code, 404);
    assert.equal((await server.ask("POST", "/version")).code, 405);
    assert.deepEqual(asked, [false, true]);
  });

  it("says why it was refused", async () => {
    refusal = conflict(secrets as never, "x");
    assert.equal((await server.ask("POST", "/secretkeys/rotate")).code, 409);
  });
});
