import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Impersonation } from "../../../api/http/impersonation.ts";
import { type ActingOverrides, actingAs } from "../../../api/kubeconfig/acting.ts";
import type { JsonObject } from "../../../lib/json-object.ts";

describe("as whom somebody acts", () => {
  const said = { as: "jane", "as-uid": "u1", "as-groups": ["devs"], "as-user-extra": { scopes: ["a", "b"] } };
  const cases: [what: string, user: JsonObject, typed: ActingOverrides, acting: Impersonation | undefined][] = [
    ["himself", {}, {}, undefined],
    ["himself, by fields without a value", { as: null, "as-groups": [] }, {}, undefined],
    [
      "whom the kubeconfig names",
      said,
      {},
      { user: "jane", uid: "u1", groups: ["devs"], extra: { scopes: ["a", "b"] } },
    ],
    ["whom the command line names", {}, { as: "bob", asGroups: ["a,b"] }, { user: "bob", groups: ["a,b"], extra: {} }],
    [
      "whom the command line names, and no more of the other",
      said,
      { as: "bob" },
      { user: "bob", groups: [], extra: {} },
    ],
  ];
  for (const [what, user, typed, acting] of cases)
    it(`is ${what}`, () => assert.deepEqual(actingAs(user, typed), acting));

  const refused: [what: string, user: JsonObject, typed: ActingOverrides, message: RegExp][] = [
    ["groups without a user", { "as-groups": ["admins"] }, {}, /without impersonating a user/],
    ["typed groups without a user", {}, { asGroups: ["admins"] }, /without impersonating a user/],
    ["typed groups with the user of the file", said, { asGroups: ["admins"] }, /without impersonating a user/],
    ["no name", {}, { as: "", asUid: "1" }, /without impersonating a user/],
    ["a user that is no text", { as: 1 }, {}, /user\.as must be a string/],
    ["groups that are no list", { as: "a", "as-groups": "admins" }, {}, /user\.as-groups must be a list of strings/],
    ["extra that is no map", { as: "a", "as-user-extra": [] }, {}, /user\.as-user-extra must be a map of lists/],
    ["a line end", {}, { as: "a\r\nAuthorization: x" }, /characters that a header cannot have/],
  ];
  for (const [what, user, typed, message] of refused)
    it(`refuses ${what}`, () => assert.throws(() => actingAs(user, typed), { name: "KubeconfigError", message }));
});
