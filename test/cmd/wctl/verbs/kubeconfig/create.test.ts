import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { dispatch } from "../../../../../cmd/wctl/command-line/dispatch.ts";
import { TestServer } from "../../../../apiserver/test-server.ts";
import { Desk } from "../../desk.ts";

describe("wctl kubeconfig create", () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.over(await TestServer.start());
  });
  after(() => desk.close());

  it("prints what the server made for the user, the groups and the time", async () => {
    assert.equal((await desk.wctl("kubeconfig create --user=jane --group=a,b --ttl=1h")).out, "user: jane a+b 3600\n");
    assert.equal((await desk.wctl("kubeconfig create --user=jane")).out, "user: jane  2592000\n");
  });

  it("asks with the credentials of who calls it: its --user is not the kubeconfig's", async () => {
    let given: object = { user: "untouched" };
    const asked = dispatch(["kubeconfig", "create", "--user=jane", "too-much"], (flags) => {
      given = flags;
      return {} as never;
    });
    await assert.rejects(asked, /unexpected argument: too-much/);
    assert.equal("user" in given, false);
  });

  it("makes nobody who is of the system, and nothing without an end", async () => {
    const refusals = [
      "--user=system:admin",
      "--user=x --group=system:masters",
      "--user=x --ttl=1m",
      "--user=x --ttl=9999h",
      "--user=",
    ];
    for (const words of refusals) {
      const { code, out } = await desk.wctl(`kubeconfig create ${words}`);
      assert.deepEqual([code, out], [1, ""], words);
    }
    assert.match((await desk.wctl("kubeconfig create")).err, /name the user/);
  });
});
