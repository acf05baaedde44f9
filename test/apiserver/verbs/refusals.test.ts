import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { failure } from "../failure.ts";
import { processesPath, processManifest, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
  await server.ask("POST", processesPath, { body: processManifest("d1") });
});
after(() => server.stop());

const merge = { "content-type": "application/merge-patch+json" };
const json = { "content-type": "application/json-patch+json" };
const configMaps = "/api/v1/namespaces/default/configmaps";
const wctl = { group: "wctl.dev", kind: "processes" };
const conflict =
  'Operation cannot be fulfilled on processes.wctl.dev "d1": the object has been modified; please apply your changes to the latest version and try again';
const withoutVersion = "Invalid value: 0: must be specified for an update";

/** What is asked, and the whole Status that the Kubernetes API server answers, but for what every one has. */
const refusals: [
  what: string,
  ask: [method: string, path: string, body?: unknown, headers?: Record<string, string>],
  status: { code: number; reason: string; message: string; details?: object },
][] = [
  [
    "a missing one",
    ["GET", `${processesPath}/x`],
    { code: 404, reason: "NotFound", message: 'processes.wctl.dev "x" not found', details: { name: "x", ...wctl } },
  ],
  [
    "a missing one of the core group",
    ["DELETE", `${configMaps}/x`],
    { code: 404, reason: "NotFound", message: 'configmaps "x" not found', details: { name: "x", kind: "configmaps" } },
  ],
  [
    "a name that is taken",
    ["POST", processesPath, processManifest("d1")],
    {
      code: 409,
      reason: "AlreadyExists",
      message: 'processes.wctl.dev "d1" already exists',
      details: { name: "d1", ...wctl },
    },
  ],
  [
    "an old version",
    ["PUT", `${processesPath}/d1`, processManifest("d1", {}, { resourceVersion: "1" })],
    { code: 409, reason: "Conflict", message: conflict, details: { name: "d1", ...wctl } },
  ],
  ...(
    [
      ["PUT", processManifest("d1"), {}],
      ["PATCH", { metadata: { resourceVersion: null } }, merge],
    ] as const
  ).map(([method, body, headers]): (typeof refusals)[number] => [
    `no version, by ${method}`,
    [method, `${processesPath}/d1`, body, headers],
    {
      code: 422,
      reason: "Invalid",
      message: `processes.wctl.dev "d1" is invalid: metadata.resourceVersion: ${withoutVersion}`,
      details: {
        name: "d1",
        ...wctl,
        causes: [{ reason: "FieldValueInvalid", message: withoutVersion, field: "metadata.resourceVersion" }],
      },
    },
  ]),
  [
    "an unknown field, when asked to be strict",
    ["POST", `${processesPath}?fieldValidation=Strict`, processManifest("n", { bogus: 1 })],
    {
      code: 400,
      reason: "BadRequest",
      message:
        'Process in version "v1" cannot be handled as a Process: strict decoding error: unknown field "spec.bogus"',
    },
  ],
  [
    "a type of patch that custom kinds do not take",
    ["PATCH", `${processesPath}/d1`, {}, { "content-type": "application/strategic-merge-patch+json" }],
    {
      code: 415,
      reason: "UnsupportedMediaType",
      message:
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    },
  ],
  [
    "a type of patch that nothing takes",
    ["PATCH", `${configMaps}/x`, {}],
    {
      code: 415,
      reason: "UnsupportedMediaType",
      message:
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml",
    },
  ],
  [
    "a JSON patch whose test fails",
    ["PATCH", `${processesPath}/d1`, [{ op: "test", path: "/spec/command", value: "x" }], json],
    {
      code: 422,
      reason: "Invalid",
      message: "the server rejected our request due to an error in our request",
      details: {},
    },
  ],
  [
    "another name than the URL's",
    ["PUT", `${processesPath}/other`, processManifest("d1")],
    {
      code: 400,
      reason: "BadRequest",
      message: "the name of the object (d1) does not match the name on the URL (other)",
    },
  ],
  [
    "another namespace than the URL's",
    ["POST", processesPath, processManifest("n", {}, { namespace: "other" })],
    {
      code: 400,
      reason: "BadRequest",
      message: "the namespace of the provided object does not match the namespace sent on the request",
    },
  ],
  [
    "a namespace that there is not",
    ["POST", "/api/v1/namespaces/none/configmaps", { metadata: { name: "a" } }],
    {
      code: 404,
      reason: "NotFound",
      message: 'namespaces "none" not found',
      details: { name: "none", kind: "namespaces" },
    },
  ],
  [
    "another kind, of Kubernetes' own",
    ["POST", configMaps, { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }],
    { code: 400, reason: "BadRequest", message: 'Secret in version "v1" cannot be handled as a ConfigMap' },
  ],
  [
    "another kind, of a custom one",
    ["POST", processesPath, { ...processManifest("n"), kind: "Secret" }],
    {
      code: 422,
      reason: "Invalid",
      message: 'Process.wctl.dev "n" is invalid: kind: Invalid value: "Secret": must be Process',
      details: {
        name: "n",
        group: "wctl.dev",
        kind: "Process",
        causes: [{ reason: "FieldValueInvalid", message: 'Invalid value: "Secret": must be Process', field: "kind" }],
      },
    },
  ],
  [
    "another version",
    ["POST", processesPath, { ...processManifest("n"), apiVersion: "v1" }],
    {
      code: 400,
      reason: "BadRequest",
      message: "the API version in the data (v1) does not match the expected API version (wctl.dev/v1)",
    },
  ],
  [
    "a version of what is not there yet",
    ["POST", configMaps, { metadata: { name: "a", resourceVersion: "3" } }],
    {
      code: 400,
      reason: "BadRequest",
      message: "resourceVersion should not be set on objects to be created",
    },
  ],
  [
    "a precondition that does not hold",
    ["DELETE", `${processesPath}/d1`, { preconditions: { resourceVersion: "1" } }],
    {
      code: 409,
      reason: "Conflict",
      message: "",
      details: { name: "d1", ...wctl, kind: "Process" },
    },
  ],
  [
    "an Object that a patch gives an unknown field",
    [
      "PATCH",
      `${processesPath}/d1?fieldValidation=Strict`,
      { spec: { bogus: 1 } },
      { "content-type": "application/merge-patch+json" },
    ],
    {
      code: 422,
      reason: "Invalid",
      message: ' "" is invalid: patch: Invalid value: "": strict decoding error: unknown field "spec.bogus"',
      details: {
        causes: [
          {
            reason: "FieldValueInvalid",
            message: 'Invalid value: "": strict decoding error: unknown field "spec.bogus"',
            field: "patch",
          },
        ],
      },
    },
  ],
  [
    "both ways to say what becomes of dependents",
    ["DELETE", `${processesPath}/d1`, { propagationPolicy: "Orphan", orphanDependents: true }],
    {
      code: 422,
      reason: "Invalid",
      message:
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
      details: {
        group: "meta.k8s.io",
        kind: "DeleteOptions",
        causes: [
          {
            reason: "FieldValueInvalid",
            message: 'Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
            field: "propagationPolicy",
          },
        ],
      },
    },
  ],
  [
    "a resource that there is not",
    ["GET", "/api/v1/namespaces/default/nothings"],
    { code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: {} },
  ],
  [
    "what a resource cannot do",
    ["POST", `${processesPath}/d1`, {}],
    {
      code: 405,
      reason: "MethodNotAllowed",
      message: "the server does not allow this method on the requested resource",
      details: {},
    },
  ],
  [
    "an answer in protobuf alone, of a custom kind",
    ["GET", `${processesPath}/d1`, undefined, { accept: "application/vnd.kubernetes.protobuf" }],
    {
      code: 406,
      reason: "NotAcceptable",
      message: "only the following media types are accepted: application/json, application/yaml",
    },
  ],
];

describe("what is refused", () => {
  for (const [what, [method, path, body, headers = {}], { code, reason, message, details }] of refusals) {
    it(`says what the real server says: ${what}`, async () => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const reply = await server.ask(method, path, { ...sent, headers });
      assert.equal(reply.code, code);
      assert.deepEqual(reply.json, failure(code, reason, message || reply.json.message, details));
    });
  }
});
