import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../../api/errors.ts";
import { kinds } from "../../../apiserver/kinds/kinds.ts";
import { decodeDeleteOptions, objectDecoder } from "../../../apiserver/protobuf/decode-body.ts";
import { repeats } from "../../repeats.ts";
import { enveloped, varint, type Written, written } from "./written.ts";

const core = (kind: string) => ({ group: "", version: "v1", kind });
const decoderOf = (kind: { group: string; version: string; kind: string }) => {
  const decode = objectDecoder(kind);
  assert.ok(decode, kind.kind);
  return decode;
};
const decoded = (kind: string, fields: Written | Uint8Array): unknown =>
  decoderOf(core(kind))(enveloped("v1", kind, fields));

const refusal = (work: () => unknown): StatusError => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error;
  }
  throw new Error("it was not refused");
};

describe("a protobuf body", () => {
  it("becomes the JSON of the same Object", () => {
    const secret = decoded("Secret", [
      [
        1,
        [
          [1, "s"],
          [2, ""],
          [3, "default"],
          [5, ""],
          [7, 0],
          [8, []],
          [
            11,
            [
              [1, "app"],
              [2, "web"],
            ],
          ],
          [
            12,
            [
              [1, "note"],
              [2, ""],
            ],
          ],
          [
            13,
            [
              [1, "Process"],
              [3, "p"],
              [4, "u"],
              [5, "wctl.dev/v1"],
              [6, true],
            ],
          ],
          [14, "a.b/c"],
          [14, "d.e/f"],
        ],
      ],
      [
        2,
        [
          [1, "k"],
          [2, Uint8Array.of(0, 255)],
        ],
      ],
      [2, [[1, "empty"]]],
      [3, "Opaque"],
      [
        4,
        [
          [1, "t"],
          [2, "ä"],
        ],
      ],
      [5, false],
    ]);
    assert.deepEqual(secret, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "s",
        namespace: "default",
        labels: { app: "web" },
        annotations: { note: "" },
        ownerReferences: [{ kind: "Process", name: "p", uid: "u", apiVersion: "wctl.dev/v1", controller: true }],
        finalizers: ["a.b/c", "d.e/f"],
      },
      data: { k: "AP8=", empty: "" },
      type: "Opaque",
      stringData: { t: "ä" },
      immutable: false,
    });
  });

  it("is read as kubectl 1.32 writes it", () => {
    const sent = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
    const secret = "azhzAAoMCgJ2MRIGU2VjcmV0EiQKEQoBcxIAGgAiACoAMgA4AEIAEg0KCHBhc3N3b3JkEgF2GgAaACIA";
    assert.deepEqual(decoderOf(core("Secret"))(sent(secret)), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      data: { password: "dg==" },
    });
    const review =
      "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSLwoQCgASABoAIgAqADIAOABCABIREg8KCC9tZXRyaWNzEgNnZXQaCAgAEgAaACAAGgAiAA==";
    const kind = { group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectAccessReview" };
    assert.deepEqual(decoderOf(kind)(sent(review)), {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      metadata: {},
      spec: { nonResourceAttributes: { path: "/metrics", verb: "get" } },
    });
  });

  it("is read as client-go writes it, which has typed clients speak it from 0.35 on", () => {
    const micro = "2027-01-15T08:00:00.001234Z";
    const texts = ["machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"];
    texts.push("kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture");
    const noInfo = Object.fromEntries(texts.map((name) => [name, ""]));
    const cases: [group: string, kind: string, sent: string, object: object][] = [
      [
        "coordination.k8s.io",
        "Lease",
        "azhzAAofChZjb29yZGluYXRpb24uazhzLmlvL3YxEgVMZWFzZRI4ChMKAWwSABoBbiIAKgAyATc4AEIAEiEKA29uZRAPGgoIgKSn2gYQ0KhLIgoIgKSn2gYQ0KhLKAAaACIA",
        {
          metadata: { name: "l", namespace: "n", resourceVersion: "7" },
          spec: {
            holderIdentity: "one",
            leaseDurationSeconds: 15,
            acquireTime: micro,
            renewTime: micro,
            leaseTransitions: 0,
          },
        },
      ],
      [
        "coordination.k8s.io",
        "Lease", // Given back.
        "azhzAAofChZjb29yZGluYXRpb24uazhzLmlvL3YxEgVMZWFzZRIXChEKAWwSABoAIgAqADIAOABCABICCgAaACIA",
        { metadata: { name: "l" }, spec: { holderIdentity: "" } },
      ],
      [
        "events.k8s.io",
        "Event",
        "azhzAAoZChBldmVudHMuazhzLmlvL3YxEgVFdmVudBJXChEKAWUSABoAIgAqADIAOABCABIKCICkp9oGENCoSyIBYyoBaTIBQToBUkITCgNQb2QSAW4aAXAiACoAMgA6AFIBbVoGTm9ybWFsYgQKABIAagByAHgAGgAiAA==",
        {
          metadata: { name: "e" },
          eventTime: micro,
          reportingController: "c",
          reportingInstance: "i",
          action: "A",
          reason: "R",
          regarding: { kind: "Pod", namespace: "n", name: "p" },
          note: "m",
          type: "Normal",
          deprecatedSource: {},
        },
      ],
      [
        "apps",
        "ControllerRevision",
        "azhzAAodCgdhcHBzL3YxEhJDb250cm9sbGVyUmV2aXNpb24SIAoRCgFyEgAaACIAKgAyADgAQgASCQoHeyJhIjoxfRgAGgAiAA==",
        { metadata: { name: "r" }, data: { a: 1 }, revision: 0 },
      ],
      [
        "",
        "Node",
        "azhzAAoKCgJ2MRIETm9kZRKtAQoSCgJ2bRIAGgAiACoAMgA4AEIAEhsKABIAGgAgASoRCgFrEgAaCk5vU2NoZWR1bGUaegoKCgNjcHUSAwoBMgoWCgZtZW1vcnkSDAoKMjQ2ODQwOTJLaRoAIh8KBVJlYWR5EgRUcnVlGgAiCAiApKfaBhAAKgFSMgFtKg4KCEhvc3RuYW1lEgJ2bTIECgIIADobCgFtEgAaACIAKgZEZWJpYW4yADoAQgBKAFIAGgAiAA==",
        {
          metadata: { name: "vm" },
          spec: { unschedulable: true, taints: [{ key: "k", effect: "NoSchedule" }] },
          status: {
            capacity: { cpu: "2", memory: "24684092Ki" },
            conditions: [
              { type: "Ready", status: "True", lastTransitionTime: "2027-01-15T08:00:00Z", reason: "R", message: "m" },
            ],
            addresses: [{ type: "Hostname", address: "vm" }],
            nodeInfo: { ...noInfo, machineID: "m", osImage: "Debian" },
          },
        },
      ],
      [
        "",
        "Node",
        "azhzAAoKCgJ2MRIETm9kZRI+ChIKAnZtEgAaACIAKgAyADgAQgASCAoAEgAaACAAGh4aADIECgIIADoUCgASABoAIgAqADIAOgBCAEoAUgAaACIA",
        { metadata: { name: "vm" }, spec: {}, status: { nodeInfo: noInfo } },
      ],
    ];
    for (const [group, kind, sent, object] of cases) {
      const decode = decoderOf({ group, version: "v1", kind });
      const apiVersion = group === "" ? "v1" : `${group}/v1`;
      assert.deepEqual(decode(Uint8Array.from(Buffer.from(sent, "base64"))), { apiVersion, kind, ...object });
    }
  });

  it("asks what it asks: a review is read whole", () => {
    const kind = { group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectAccessReview" };
    const attributes: Written = [
      [1, "ns"],
      [2, "delete"],
      [3, ""],
      [5, "secrets"],
      [6, "status"],
      [7, "one"],
    ];
    const body = enveloped("authorization.k8s.io/v1", kind.kind, [
      [1, []],
      [2, [[1, attributes]]],
      [3, [[1, true]]],
    ]);
    assert.deepEqual(decoderOf(kind)(body), {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      metadata: {},
      spec: {
        resourceAttributes: {
          namespace: "ns",
          verb: "delete",
          resource: "secrets",
          subresource: "status",
          name: "one",
        },
      },
    });
  });

  it("keeps empty texts in lists, and texts that are lists themselves", () => {
    const role = { group: "rbac.authorization.k8s.io", version: "v1", kind: "Role" };
    const body = enveloped("rbac.authorization.k8s.io/v1", "Role", [
      [
        2,
        [
          [1, "get"],
          [2, ""],
          [3, "secrets"],
        ],
      ],
    ]);
    assert.deepEqual((decoderOf(role)(body) as { rules: unknown }).rules, [
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"] },
    ]);
    const review = { group: "authorization.k8s.io", version: "v1", kind: "SubjectAccessReview" };
    const extra: Written = [
      [1, "scopes"],
      [
        2,
        [
          [1, "a"],
          [1, ""],
        ],
      ],
    ];
    const asked = enveloped("authorization.k8s.io/v1", "SubjectAccessReview", [
      [
        2,
        [
          [3, "bob"],
          [5, extra],
          [5, [[1, "none"]]],
        ],
      ],
    ]);
    assert.deepEqual((decoderOf(review)(asked) as { spec: unknown }).spec, {
      user: "bob",
      extra: { scopes: ["a", ""], none: [] },
    });
  });

  it("says times as JSON says them, and no time as none", () => {
    const event = decoded("Event", [
      [6, [[1, 1_800_000_000]]],
      [7, [[1, 0]]],
      [8, 0],
      [
        10,
        [
          [1, 1_800_000_000],
          [2, 1_234_567],
        ],
      ],
    ]);
    assert.deepEqual(event, {
      apiVersion: "v1",
      kind: "Event",
      firstTimestamp: "2027-01-15T08:00:00Z",
      eventTime: "2027-01-15T08:00:00.001234Z",
    });
    assert.equal(refusal(() => decoded("Event", [[6, [[1, 2 ** 45]]]])).code, 400);
  });

  it("merges a message that comes twice, and takes the last of other fields", () => {
    const twice = decoded("ConfigMap", [
      [
        1,
        [
          [1, "a"],
          [3, "x"],
        ],
      ],
      [1, [[1, "b"]]],
      [
        2,
        [
          [1, "k"],
          [2, "1"],
        ],
      ],
      [
        2,
        [
          [1, "k"],
          [2, "2"],
        ],
      ],
    ]);
    assert.deepEqual(twice, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "b", namespace: "x" },
      data: { k: "2" },
    });
  });

  it("is skipped where nobody knows it, however deep", () => {
    let deep: Uint8Array = new Uint8Array();
    for (let level = 0; level < 2_000; level++) deep = written([[1, deep]]);
    assert.deepEqual(
      decoded("ConfigMap", [
        [99, deep],
        [98, 7],
      ]),
      { apiVersion: "v1", kind: "ConfigMap" },
    );
  });

  it("has the group, version and kind of its place when it names none", () => {
    const decode = decoderOf(core("Namespace"));
    assert.deepEqual(decode(enveloped("", "", [])), { apiVersion: "v1", kind: "Namespace" });
    assert.equal((decode(enveloped("v2", "Namespace", [])) as { apiVersion: string }).apiVersion, "v2");
    const other = refusal(() => decode(enveloped("v1", "Secret", [])));
    assert.equal(other.message, 'Secret in version "v1" cannot be handled as a Namespace');
  });

  it("is the options of a deletion", () => {
    const body = enveloped("v1", "DeleteOptions", [
      [1, 0],
      [2, [[1, "u"]]],
      [4, "Foreground"],
      [5, "All"],
    ]);
    assert.deepEqual(decodeDeleteOptions(body), {
      apiVersion: "v1",
      kind: "DeleteOptions",
      gracePeriodSeconds: 0,
      preconditions: { uid: "u" },
      propagationPolicy: "Foreground",
      dryRun: ["All"],
    });
  });

  it("is an Eviction, with the options of its deletion", () => {
    const body = enveloped("policy/v1", "Eviction", [
      [1, [[1, "web-0"]]],
      [
        2,
        [
          [1, 0],
          [5, "All"],
        ],
      ],
    ]);
    const deleteOptions = { gracePeriodSeconds: 0, dryRun: ["All"] };
    assert.deepEqual(decoderOf({ group: "policy", version: "v1", kind: "Eviction" })(body), {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "web-0" },
      deleteOptions,
    });
  });

  it("is for every kind of Kubernetes that is kept, and for none of our own, as for custom resources", () => {
    for (const { resource } of kinds)
      assert.equal(objectDecoder(resource) !== undefined, resource.group !== "wctl.dev", resource.kind);
  });
});

describe("a protobuf body that is none", () => {
  const good = enveloped("v1", "Secret", [
    [1, [[1, "s"]]],
    [
      2,
      [
        [1, "password"],
        [2, "hunter2"],
      ],
    ],
  ]);
  const decode = decoderOf(core("Secret"));
  const map = (key: string): Written => [
    [
      4,
      [
        [1, key],
        [2, "hunter2"],
      ],
    ],
  ];

  for (const [what, body, code] of [
    ["nothing", new Uint8Array(), 400],
    ["JSON", new TextEncoder().encode('{"kind":"Secret"}'), 400],
    ["a prefix alone", good.subarray(0, 4), 400],
    ["cut off", good.subarray(0, good.length - 3), 400],
    ["a field of another type", enveloped("v1", "Secret", [[1, 7]]), 400],
    ["a number where text stands", enveloped("v1", "Secret", [[3, 7]]), 400],
    ["text that is not UTF-8", enveloped("v1", "Secret", [[3, Uint8Array.of(0xff)]]), 400],
    ["a key that reaches prototypes", enveloped("v1", "Secret", map("__proto__")), 400],
    [
      "compressed",
      Uint8Array.from([
        ...good.subarray(0, 4),
        ...written([
          [2, []],
          [3, "gzip"],
        ]),
      ]),
      400,
    ],
    ["a length that lies", Uint8Array.from([...good.subarray(0, 4), 0x12, ...varint(3_000_000_000)]), 400],
    ["a value where the version should be", enveloped("\n\bpassword\u0012\u0007hunter2", "Secrets", good), 400],
    ["a value where the kind should be", enveloped("v1", "hunter2", good), 400],
    [
      "a million values in three megabytes",
      enveloped(
        "v1",
        "Secret",
        Uint8Array.from({ length: 2_000_000 }, (_, at) => (at % 2 ? 0 : 0x12)),
      ),
      413,
    ],
    [
      "a value said a million times in three megabytes",
      enveloped("v1", "Secret", [[2, Uint8Array.from({ length: 2_000_000 }, (_, at) => (at % 2 ? 0 : 0x12))]]),
      413,
    ],
  ] as [string, Uint8Array, number][]) {
    it(`is refused and not repeated: ${what}`, () => {
      const { code: found, message } = refusal(() => decode(body));
      assert.equal(found, code, message);
      assert.doesNotMatch(message, /hunter2/);
    });
  }

  it("is refused for a number that JSON could not give back", () => {
    const options = enveloped("v1", "DeleteOptions", Uint8Array.from([0x08, ...varint(2n ** 62n)]));
    assert.match(refusal(() => decodeDeleteOptions(options)).message, /a number is too large/);
  });

  const MUTATIONS = repeats(3_000);
  it(`${MUTATIONS} mutations of one are decoded or refused with a 4xx`, () => {
    const pristine = Object.getOwnPropertyNames(Object.prototype).join();
    const change = fc.tuple(fc.nat(), fc.constantFrom("set", "cut", "insert"), fc.integer({ min: 0, max: 255 }));
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = [...good];
        for (const [place, how, byte] of changes) {
          const at = place % bytes.length;
          if (how === "set") bytes[at] = byte;
          else bytes.splice(at, how === "cut" ? 1 : 0, ...(how === "cut" ? [] : [byte]));
        }
        try {
          decode(Uint8Array.from(bytes));
          accepted++;
        } catch (error) {
          assert.ok(error instanceof StatusError && error.code < 500, String(error));
          assert.doesNotMatch(error.message, /hunter2/);
        }
      }),
      { numRuns: MUTATIONS },
    );
    assert.ok(accepted > 0 && accepted < MUTATIONS, `${accepted} accepted`);
    assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), pristine);
  });
});
