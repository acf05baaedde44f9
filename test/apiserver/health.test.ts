import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Health } from "../../apiserver/health.ts";
import { TestServer } from "./test-server.ts";

let server: TestServer;
let health: Health = { live: true, ready: true, checks: [] };
before(async () => {
  server = await TestServer.start({ health: () => health });
});
after(() => server.stop());

describe("health", () => {
  const ask = (path: string) => server.ask("GET", path, { as: "nobody" });

  it("is a word, or the list of checks", async () => {
    health = { live: true, ready: true, checks: [{ name: "store", ok: true }] };
    for (const path of ["/healthz", "/livez", "/readyz"]) {
      const reply = await ask(path);
      assert.deepEqual([reply.code, reply.text], [200, "ok"]);
      assert.match(String(reply.headers["content-type"]), /^text\/plain/);
    }
    assert.equal((await ask("/readyz?verbose")).text, "[+]store ok\nreadyz check passed\n");
    const head = await server.ask("HEAD", "/healthz");
    assert.deepEqual([head.code, head.text], [200, ""]);
  });

  it("tells live from ready, and says what is wrong", async () => {
    health = {
      live: true,
      ready: false,
      checks: [
        { name: "store", ok: false, message: "disk full" },
        { name: "agent", ok: true },
      ],
    };
    assert.equal((await ask("/livez")).code, 200);
    const reply = await ask("/readyz");
    assert.deepEqual([reply.code, reply.text], [500, "[-]store failed: disk full\n[+]agent ok\nreadyz check failed\n"]);
    health = { ...health, live: false };
    assert.equal((await ask("/healthz")).code, 500);
  });
});
