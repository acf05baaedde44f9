import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Stored } from "../../../api/object.ts";
import type { GitSource } from "../../../api/types.generated.ts";
import { inputsOf } from "../../../controllers/git-source/inputs.ts";

const client = {
  get: async () => ({ metadata: { uid: "u", resourceVersion: "1" }, data: {} }),
};
const versionOf = async (spec: object): Promise<string> =>
  (await inputsOf(client as never, "ops", { spec } as Stored<GitSource>)).version;

describe("the inputs of a GitSource", () => {
  it("are another version when the same Secret serves for something else, or variables are wanted at all", async () => {
    const secretRef = { name: "s" };
    const versions = await Promise.all(
      [
        {},
        { substitute: {} },
        { substitute: { variables: {} } },
        { substitute: { from: [{ secretRef }] } },
        { substitute: { from: [{ configMapRef: secretRef }] } },
        { decrypt: { secretRef } },
        { decrypt: { secretRef }, substitute: {} },
      ].map(versionOf),
    );
    const [none, , empty, ...others] = versions;
    assert.equal(new Set([none, empty, ...others]).size, 6);
    assert.equal(await versionOf({ decrypt: { secretRef } }), others[2]);
  });
});
