import { apiVersionOf, type Resource } from "../../api/scheme.ts";
import type { Identity } from "../authentication/identity.ts";
import type { Learned } from "../http/exchange.ts";

/** Who asked what, as far as anybody may read it later: no body, no query, no header but the name of the program. */
export interface AuditedRequest {
  auditId: string;
  /** Who showed a credential. Absent: nobody did. */
  user?: Identity | undefined;
  /** As whom the request was served, or, of the verb `impersonate`, was not; the same, unless it was somebody else. */
  acting?: Identity | undefined;
  verb: string;
  /** Without the query, which may hold the words of a command. */
  path: string;
  /** For whom a certificate is asked: who acts as somebody else from then on must be found here. */
  certificate?: { user: string; groups: readonly string[] } | undefined;
  object?: { resource: Resource; namespace?: string; name?: string; subresource?: string } | undefined;
  /** What only the body says, known when it has been read. */
  learned?: Learned | undefined;
  address?: string | undefined;
  userAgent?: string | undefined;
  received: Date;
}

/** The decision alone, for what is about to be done; with a code, for what was answered. */
export interface Outcome {
  decision: "allow" | "forbid";
  code?: number | undefined;
  message?: string;
  /** How many it stands for, if not for itself alone. */
  repeated?: readonly [what: "refusals" | "reads", count: number];
  at: Date;
}

/** An Event of Kubernetes' audit.k8s.io/v1 at the level Metadata, so that tools that read those read ours. */
export const auditEvent = (request: AuditedRequest, { decision, code, message, repeated, at }: Outcome): object => ({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Metadata",
  auditID: request.auditId,
  stage: code === undefined ? "RequestReceived" : "ResponseComplete",
  requestURI: request.path.slice(0, LONGEST_PATH),
  verb: request.verb,
  user: request.user ? userOf(request.user) : {},
  ...(request.acting && request.acting !== request.user
    ? { impersonatedUser: userOf(request.acting, decision === "forbid" ? MOST_GROUPS : undefined) }
    : {}),
  ...(request.address === undefined ? {} : { sourceIPs: [request.address] }),
  ...(request.userAgent === undefined ? {} : { userAgent: request.userAgent.slice(0, LONGEST_AGENT) }),
  ...(request.object ? { objectRef: referenceOf(request.object, request.learned) } : {}),
  ...(code === undefined ? {} : { responseStatus: { metadata: {}, ...(message ? { message } : {}), code } }),
  requestReceivedTimestamp: request.received.toISOString(),
  stageTimestamp: at.toISOString(),
  annotations: {
    "authorization.k8s.io/decision": decision,
    ...(request.learned?.isDryRun ? { "wctl.dev/dry-run": "true" } : {}),
    ...(repeated ? { [`wctl.dev/${repeated[0]}`]: String(repeated[1]) } : {}),
    ...ofCertificate(request),
  },
});

const LONGEST_AGENT = 256;
/** Everybody is refused what he asks for, and nobody shall make long lines of that: they would push the others out. */
const LONGEST_PATH = 2_048;
const LONGEST_NAME = 1_024;
const LONGEST_GROUPS = 4_096;
const MOST_GROUPS = 50;

const ofCertificate = ({ certificate }: AuditedRequest): Record<string, string> =>
  certificate
    ? {
        "wctl.dev/certificate-user": certificate.user.slice(0, LONGEST_NAME),
        "wctl.dev/certificate-groups": certificate.groups.join(",").slice(0, LONGEST_GROUPS),
      }
    : {};

/** All the groups of who may act; of who may not he can name as many as he likes. */
const userOf = ({ name, groups, uid }: Identity, most?: number) => ({
  username: name.slice(0, LONGEST_NAME),
  ...(uid === undefined ? {} : { uid: uid.slice(0, LONGEST_NAME) }),
  groups: groups.slice(0, most).map((group) => group.slice(0, LONGEST_NAME)),
});

function referenceOf(object: NonNullable<AuditedRequest["object"]>, learned: Learned | undefined) {
  const { resource, namespace, name = learned?.name, subresource } = object;
  return {
    resource: resource.plural,
    ...(namespace === undefined ? {} : { namespace: namespace.slice(0, LONGEST_NAME) }),
    ...(name === undefined ? {} : { name: name.slice(0, LONGEST_NAME) }),
    ...(resource.group ? { apiGroup: resource.group } : {}),
    apiVersion: apiVersionOf({ group: "", version: resource.version }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
