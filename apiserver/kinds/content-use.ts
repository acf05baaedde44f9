import { accountOf } from "../../api/account-of.ts";
import { type References, referencesOf } from "../../api/instance-references.ts";
import type { KubeObject } from "../../api/object.ts";
import { instances, processes } from "../../api/scheme.ts";
import type { ConfigMap, Instance, ProcessTemplate, Secret } from "../../api/types.generated.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Authority } from "../admission/authority.ts";
import type { Content } from "./kind.ts";
import { accountRefusal, mayUseEveryAccount } from "./program-use.ts";

type Program = KubeObject & { spec: ProcessTemplate };

/**
 * What a ConfigMap or a Secret gives a program, its variables and files, decides what the program does as its arguments do. So whoever changes what is in one needs
 * the accounts of the programs of that namespace that name it. Also of one that is not there yet, which an optional reference may be waiting for.
 */
export const contentRestriction =
  (kind: keyof References) =>
  (
    next: ConfigMap | Secret,
    current: ConfigMap | Secret | undefined,
    writer: Authority,
    content: Content,
  ): string | undefined => {
    if (current && sameJson(given(next), given(current))) return undefined;
    const { name, namespace = "" } = next.metadata;
    if (mayUseEveryAccount(writer, namespace)) return undefined;
    const judged = new Set<string>();
    for (const program of programsIn(content, namespace)) {
      const account = accountOf(program.spec);
      if (judged.has(account) || !references(program.spec)[kind].has(name)) continue;
      judged.add(account);
      const why = accountRefusal(program, writer);
      if (why !== undefined) return `${why}, and what is in here decides what it does`;
    }
    return undefined;
  };

const given = (object: ConfigMap | Secret): unknown => [
  object.data,
  "binaryData" in object ? object.binaryData : undefined,
];

/** Copies too: while they are replaced they have another template than their Process. */
const programsIn = (content: Content, namespace: string): readonly Program[] => [
  ...content.in(processes, namespace),
  ...content.in(instances, namespace),
];

/** Objects are never changed, so those of a spec need to be worked out once. */
const known = new WeakMap<object, References>();

function references(spec: ProcessTemplate): References {
  const found = known.get(spec) ?? referencesOf(spec as Instance["spec"]);
  known.set(spec, found);
  return found;
}
