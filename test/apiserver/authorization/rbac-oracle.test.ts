/** What a real kube-apiserver said about the same roles (`test/oracle/`): reviews, lists of rules, grants and their refusals. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { StatusError } from "../../../api/errors.ts";
import { makeKey } from "../../../api/object.ts";
import { namespaces, type Resource } from "../../../api/scheme.ts";
import type { WriteContext } from "../../../apiserver/admission/write-context.ts";
import type { Identity } from "../../../apiserver/authentication/identity.ts";
import { defaultAuthorizer } from "../../../apiserver/authorization/default-authorizer.ts";
import { UserAuthority } from "../../../apiserver/authorization/user-authority.ts";
import type { StoreRegistry } from "../../../apiserver/registry/store-registry.ts";
import { accessReviews } from "../../../apiserver/views/reviews/access-reviews.ts";
import { kindNamed, openDesk } from "../fixtures.ts";

interface Named {
  name: string;
  namespace?: string;
}
interface Thing {
  kind: string;
  metadata: Named;
}
/** Which roles it did not find. */
interface Missing {
  missing: string[];
}
interface World {
  objects: Thing[];
  reviews: (Missing & { spec: object; allowed: boolean })[];
  rules: (Missing & { user: string; groups: string[]; namespace: string; allows: string[] })[];
  grants: (Missing & {
    user: string;
    groups: string[];
    object?: Thing;
    of?: Named & { kind: string };
    patch?: object;
    refused?: string;
  })[];
}

const recorded = JSON.parse(readFileSync(new URL("../../oracle/rbac.json", import.meta.url), "utf8")) as {
  version: string;
  worlds: World[];
};
const root: Identity = { name: "root", groups: ["system:masters"] };
const resourceOf = (kind: string): Resource => kindNamed(kind).resource as Resource;
const missingIn = (text = ""): string[] =>
  [...text.matchAll(/[a-z]+\.rbac\.authorization\.k8s\.io "[^"]*" not found/g)].map(([one]) => one).sort();
const sorted = (rule: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1))));

describe(`who may do what, as in Kubernetes ${recorded.version}`, () => {
  for (const [n, world] of recorded.worlds.entries()) {
    it(`is said of its roles ${n}: ${world.reviews.length} reviews, ${world.grants.length} grants`, async () => {
      const { registry, store } = await openDesk();
      const context = (user: Identity): WriteContext => {
        const authority = new UserAuthority(user, defaultAuthorizer(registry));
        return { user, authority };
      };
      for (const name of ["na", "nb"])
        await registry.create(namespaces as unknown as Resource, undefined, { metadata: { name } }, context(root));
      for (const one of world.objects)
        await registry.create(resourceOf(one.kind), one.metadata.namespace, one, context(root));
      const ask = reviewsOf(registry, context);

      for (const { spec, allowed, missing } of world.reviews) {
        const status = await ask("SubjectAccessReview", spec, root);
        const said = { allowed: status.allowed, missing: missingIn(status.reason) };
        assert.deepEqual(said, { allowed, missing }, JSON.stringify(spec));
      }
      for (const { user, groups, namespace, allows, missing } of world.rules) {
        const status = await ask("SelfSubjectRulesReview", { namespace }, { name: user, groups });
        const own = [...status.resourceRules, ...status.nonResourceRules].map(sorted);
        const listed = own.filter((rule) => !/selfsubject|"\/healthz"|"\/livez"/.test(rule)).sort();
        const said = { allows: listed, missing: missingIn(status.evaluationError) };
        assert.deepEqual(said, { allows, missing }, `${user} in ${namespace}`);
      }
      for (const grant of world.grants) {
        const { message } = await outcome(registry, grant, context({ name: grant.user, groups: grant.groups }));
        const [refused, more] = message?.split("; resolution errors: ") ?? [];
        const said = { refused, missing: missingIn(more) };
        assert.deepEqual(said, { refused: grant.refused, missing: grant.missing }, JSON.stringify(grant));
      }
      await store.close();
    });
  }
});

type Status = Record<"resourceRules" | "nonResourceRules", object[]> & {
  allowed: boolean;
  reason?: string;
  evaluationError?: string;
};

function reviewsOf(registry: StoreRegistry, context: (user: Identity) => WriteContext) {
  const storages = accessReviews((user) => new UserAuthority(user, defaultAuthorizer(registry)));
  return async (kind: string, spec: object, user: Identity): Promise<Status> => {
    const storage = storages.find(({ resource }) => resource.kind === kind)!;
    const { object } = await storage.create(undefined, { spec }, context(user));
    return (object as unknown as { status: Status }).status;
  };
}

async function outcome(
  registry: StoreRegistry,
  { object, of, patch }: World["grants"][number],
  context: WriteContext,
): Promise<{ message?: string }> {
  const asked = { ...context, dryRun: true };
  try {
    if (object) await registry.create(resourceOf(object.kind), object.metadata.namespace, object, asked);
    else {
      const body = { type: "merge", body: patch } as never;
      await registry.patch(resourceOf(of!.kind), makeKey(of!.namespace, of!.name), body, asked);
    }
    return {};
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error;
  }
}
