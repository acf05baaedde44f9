import { findCondition } from "../../api/conditions.ts";
import { type GitRef, refNameProblem } from "../../api/git/git-ref.ts";
import { parseGitUrl } from "../../api/git/git-url.ts";
import { shortRevision } from "../../api/git/revision.ts";
import { semverRangeProblem } from "../../api/git/semver-range.ts";
import { sourcePathProblem } from "../../api/git/source-path.ts";
import { gitSources } from "../../api/scheme.ts";
import type { GitSource, GitSourceSpec } from "../../api/types.generated.ts";
import { isVariableName } from "../../api/variables/expand.ts";
import { parseDuration } from "../../lib/duration.ts";
import { parseQuantity } from "../../lib/quantity.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Authority } from "../admission/authority.ts";
import { ageColumn } from "../printing/column.ts";
import { type FieldError, invalidValue } from "../validation/field-error.ts";
import { sourceDependencyCauses } from "../validation/source-dependencies.ts";
import { asksForAnother, dropRollback, ROLLBACK_DROPPED, rollbackCauses, rollbackTo } from "./git-source-rollback.ts";
import { defineKind } from "./kind.ts";

const SHORTEST_INTERVAL_MS = 5_000;
const SHORTEST_TIMEOUT_MS = 1_000;
const LONGEST_MS = 24 * 3_600_000;
/** A thread that reads more would need gigabytes. */
const MOST_BYTES = 256 * 1024 ** 2;

export const gitSourceKind = defineKind<GitSource>({
  resource: gitSources,
  prepareForCreate: (next) => void dropRollback(next),
  prepareForUpdate: (next, current) =>
    dropRollback(next) && rollbackTo(current) === undefined ? ROLLBACK_DROPPED : undefined,
  validate: ({ metadata, spec }) => [
    ...urlCauses(spec),
    ...refCauses(spec),
    ...pathCauses(spec),
    ...durationCauses("spec.interval", spec.interval, SHORTEST_INTERVAL_MS),
    ...durationCauses("spec.timeout", spec.timeout, SHORTEST_TIMEOUT_MS),
    ...durationCauses("spec.healthTimeout", spec.healthTimeout, SHORTEST_TIMEOUT_MS),
    ...bytesCauses(spec),
    ...disruptionCauses(spec),
    ...verifyCauses(spec),
    ...variableCauses(spec),
    ...sourceDependencyCauses(metadata, spec),
    ...rollbackCauses(metadata),
  ],
  writerRestriction,
  columns: [
    {
      name: "Ready",
      type: "string",
      description: "Whether it is applied.",
      cell: ({ status }) => ready(status)?.status ?? "Unknown",
    },
    {
      name: "Revision",
      type: "string",
      description: "What is applied.",
      cell: ({ status }) => shortRevision(status?.lastAppliedRevision ?? ""),
    },
    ageColumn,
    {
      name: "Message",
      type: "string",
      description: "How it is.",
      cell: ({ spec, status }) => message(spec, ready(status)?.message ?? ""),
    },
    { name: "URL", type: "string", priority: 1, path: ".spec.url", description: "Where the repository is." },
    {
      name: "Suspended",
      type: "boolean",
      priority: 1,
      path: ".spec.suspend",
      description: "Whether it is left alone.",
    },
  ],
});

const ready = (status: GitSource["status"]) => findCondition(status?.conditions, "Ready");

const message = ({ suspend }: GitSourceSpec, text: string): string => {
  const [first = ""] = text.split("\n");
  return suspend ? `suspended; ${first}` : first;
};

function urlCauses({ url }: GitSourceSpec): FieldError[] {
  const parsed = parseGitUrl(url);
  // Not the value: somebody may have put a password into it.
  return typeof parsed === "string" ? [invalidValue("spec.url", undefined, parsed)] : [];
}

function refCauses({ ref = {} }: GitSourceSpec): FieldError[] {
  const given = Object.keys(ref) as (keyof (GitRef & object))[];
  if (given.length > 1)
    return [invalidValue("spec.ref", given.join(", "), "must have at most one of branch, tag, semver and commit")];
  const problems = [
    ["branch", refNameProblem],
    ["tag", refNameProblem],
    ["semver", semverRangeProblem],
  ] as const;
  return problems.flatMap(([field, problemOf]) => {
    const problem = ref[field] === undefined ? undefined : problemOf(ref[field]);
    return problem === undefined ? [] : [invalidValue(`spec.ref.${field}`, ref[field], problem)];
  });
}

function pathCauses({ path = ".", substitute }: GitSourceSpec): FieldError[] {
  const problem = sourcePathProblem(path, substitute !== undefined);
  return problem === undefined ? [] : [invalidValue("spec.path", path, problem)];
}

function durationCauses(field: string, text: string | undefined, shortestMs: number): FieldError[] {
  if (text === undefined) return [];
  const ms = parseDuration(text);
  return ms >= shortestMs && ms <= LONGEST_MS
    ? []
    : [invalidValue(field, text, `must be from ${shortestMs / 1000}s to 24h`)];
}

function bytesCauses({ limits }: GitSourceSpec): FieldError[] {
  const { bytes } = limits ?? {};
  if (bytes === undefined) return [];
  const size = attempt(() => parseQuantity(bytes));
  return size !== undefined && size >= 1 && size <= MOST_BYTES
    ? []
    : [invalidValue("spec.limits.bytes", bytes, "must be a quantity from 1 to 256Mi")];
}

function disruptionCauses({ maxDisruption = "30%" }: GitSourceSpec): FieldError[] {
  const isGood = typeof maxDisruption === "number" ? maxDisruption >= 0 : /^(100|[0-9]{1,2})%$/.test(maxDisruption);
  return isGood
    ? []
    : [invalidValue("spec.maxDisruption", maxDisruption, "must be a number, or a percentage from 0% to 100%")];
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/**
 * Whoever says what is applied in somebody's name must be allowed to act in that name; and whoever names a Secret must be allowed to read it, for he can have it
 * sent to a host of his own. Whoever depends on a source learns how that is: he must be allowed to read it.
 */
function writerRestriction(next: GitSource, current: GitSource | undefined, writer: Authority): string | undefined {
  // Another commit is other content, in the same name.
  if (current && sameJson(next.spec, current.spec) && !asksForAnother(next, current)) return undefined;
  const { namespace } = next.metadata;
  const { serviceAccountName } = next.spec;
  const refusal = (what: string, why: string, where = namespace): string =>
    `User ${JSON.stringify(writer.user.name)} cannot ${what} in the namespace ${JSON.stringify(where)}: ${why}`;
  const account = { verb: "impersonate", group: "", resource: "serviceaccounts", namespace } as const;
  if (serviceAccountName !== undefined && !writer.may({ ...account, name: serviceAccountName })) {
    return refusal(
      `impersonate serviceaccounts ${JSON.stringify(serviceAccountName)}`,
      "spec.serviceAccountName says in whose name objects are written",
    );
  }
  for (const { resource, name, why } of contentsOf(next)) {
    const read = { verb: "get", group: "", resource, namespace, name } as const;
    if (!writer.may(read)) return refusal(`get ${resource} ${JSON.stringify(name)}`, why);
  }
  for (const { name, namespace: where = namespace } of next.spec.dependsOn ?? []) {
    const read = { verb: "get", group: gitSources.group, resource: gitSources.plural, namespace: where, name } as const;
    const why = "spec.dependsOn names a source whose state this one tells";
    if (!writer.may(read)) return refusal(`get gitsources ${JSON.stringify(name)}`, why, where);
  }
  return undefined;
}

interface Named {
  resource: "secrets" | "configmaps";
  name: string;
  why: string;
}

/** Every Secret and ConfigMap that it names, and what that is for. */
function contentsOf({ spec: { secretRef, webhook, verify, decrypt, substitute, commitStatus } }: GitSource): Named[] {
  const secret = (ref: { name: string } | undefined, why: string): Named[] =>
    ref === undefined ? [] : [{ resource: "secrets", name: ref.name, why }];
  const configMap = (ref: { name: string } | undefined, why: string): Named[] =>
    ref === undefined ? [] : [{ resource: "configmaps", name: ref.name, why }];
  const keys = "spec.verify says by whose keys commits must be signed";
  const variables = "spec.substitute.from says whose values stand in manifests";
  return [
    ...secret(secretRef, "spec.secretRef says which Secret is sent to the host of spec.url"),
    ...secret(webhook?.secretRef, "spec.webhook.secretRef says which Secret deliveries are signed with"),
    ...secret(
      commitStatus?.secretRef,
      "spec.commitStatus.secretRef says which Secret is sent with statuses of commits",
    ),
    ...secret(verify?.secretRef, keys),
    ...configMap(verify?.configMapRef, keys),
    ...secret(decrypt?.secretRef, "spec.decrypt.secretRef says with which Secret sealed values are opened"),
    ...(substitute?.from ?? []).flatMap((one) => [
      ...secret(one.secretRef, variables),
      ...configMap(one.configMapRef, variables),
    ]),
  ];
}

function verifyCauses({ verify }: GitSourceSpec): FieldError[] {
  if (verify === undefined || (verify.secretRef === undefined) !== (verify.configMapRef === undefined)) return [];
  return [invalidValue("spec.verify", undefined, "must have one of secretRef and configMapRef")];
}

function variableCauses({ substitute }: GitSourceSpec): FieldError[] {
  const { variables = {}, from = [] } = substitute ?? {};
  const names = Object.keys(variables).filter((name) => !isVariableName(name));
  const sources = from.flatMap(({ configMapRef, secretRef }, index) =>
    (configMapRef === undefined) === (secretRef === undefined) ? [index] : [],
  );
  return [
    ...names.map((name) =>
      invalidValue("spec.substitute.variables", name, "must be letters, digits and _, and begin with no digit"),
    ),
    ...sources.map((index) =>
      invalidValue(`spec.substitute.from[${index}]`, undefined, "must have one of configMapRef and secretRef"),
    ),
  ];
}
