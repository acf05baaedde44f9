import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clientRequestOf } from "../../../apiserver/pki/client-request.ts";

const read = (query: string) => clientRequestOf(new URLSearchParams(query));

describe("who asks for a client certificate", () => {
  it("names its user, groups and time, which is 30 days otherwise", () => {
    assert.deepEqual(read("user=jane&group=team&group=ops&ttl=3600s"), {
      user: "jane",
      groups: ["team", "ops"],
      seconds: 3600,
    });
    assert.equal(read("user=jane").seconds, 30 * 86_400);
  });

  const refusals: [why: string, query: string, says: RegExp][] = [
    ["nobody", "", /^user: /],
    ["a user of the system", "user=system:admin", /^user: system:admin is a name of the system/],
    ["a group of the system", "user=jane&group=system:masters", /^group: system:masters is a name of the system/],
    ["a name with a line break", "user=ja%0Ane", /^user: /],
    ["a time too long", "user=jane&ttl=99999999s", /^ttl: /],
    ["a time without its unit", "user=jane&ttl=3600", /^ttl: /],
    ["too many groups", `user=jane${"&group=a".repeat(51)}`, /^group: at most 50/],
    ["a dry run, which would give one all the same", "user=jane&dryRun=All", /^dryRun: /],
  ];
  for (const [why, query, says] of refusals)
    it(`is refused ${why}`, () => {
      assert.throws(
        () => read(query),
        (error: Error) => says.test(error.message),
      );
    });
});
