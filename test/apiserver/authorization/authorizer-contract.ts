import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PolicyRule } from "../../../api/types.generated.ts";
import type { Identity } from "../../../apiserver/authentication/identity.ts";
import type { Attributes } from "../../../apiserver/authorization/attributes.ts";
import type { Authorizer } from "../../../apiserver/authorization/authorizer.ts";

/** What holds of every Authorizer. `users`: some whom it allows something. */
export function authorizerContract(
  name: string,
  open: () => Promise<{ authorizer: Authorizer; users: Identity[] }>,
): void {
  describe(`the Authorizer: ${name}`, () => {
    it("allows all that its rules say", async () => {
      const { authorizer, users } = await open();
      for (const user of users)
        for (const namespace of [undefined, "default"])
          for (const rule of authorizer.rulesOf(user, namespace))
            for (const attributes of samples(rule, namespace))
              assert.ok(authorizer.allows(user, attributes), `${user.name}: ${JSON.stringify(attributes)}`);
    });

    it("allows nothing to whom nobody knows, and nothing by names that a language knows", async () => {
      const { authorizer } = await open();
      for (const who of ["nobody", "__proto__", "constructor", ""]) {
        const user: Identity = { name: who, groups: [] };
        assert.deepEqual(authorizer.rulesOf(user, "default"), []);
        for (const attributes of samples({ verbs: ["get"], apiGroups: [""], resources: ["secrets"] }, "default"))
          assert.equal(authorizer.allows(user, attributes), false);
        assert.equal(authorizer.allows(user, { kind: "path", verb: "get", path: "/metrics" }), false);
      }
    });

    it("says the same when it is asked again", async () => {
      const { authorizer, users } = await open();
      const asked: Attributes = {
        kind: "resource",
        verb: "list",
        resource: { group: "", plural: "secrets" },
        namespace: "a",
      };
      for (const user of users) assert.equal(authorizer.allows(user, asked), authorizer.allows(user, asked));
    });
  });
}

/** Requests that a rule allows. A star stands for something that nobody has heard of. */
function samples(rule: PolicyRule, namespace: string | undefined): Attributes[] {
  const word = (text: string): string => (text === "*" ? "unheard-of" : text);
  const paths = (rule.nonResourceURLs ?? []).map(
    (url): Attributes => ({ kind: "path", verb: word(rule.verbs[0]!), path: url.replace(/\*$/, "x") }),
  );
  const [group] = rule.apiGroups ?? [];
  if (group === undefined) return paths;
  return (rule.resources ?? []).map((resource): Attributes => {
    const [plural = "", subresource] = resource.split("/");
    const name = rule.resourceNames?.[0];
    return {
      kind: "resource",
      verb: word(rule.verbs[0]!),
      resource: { group: word(group), plural: word(plural) },
      ...(subresource === undefined ? {} : { subresource }),
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  });
}
