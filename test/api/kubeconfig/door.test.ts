import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { doorPipe } from "../../../api/http/door/door-address.ts";
import { type Kubeconfig, KubeconfigError, resolveKubeconfig } from "../../../api/kubeconfig/kubeconfig.ts";

const pem = (end: string): string =>
  `-----BEGIN CERTIFICATE-----\n${"A".repeat(64)}\n${end}\n-----END CERTIFICATE-----\n`;
const data = (text: string): string => Buffer.from(text).toString("base64");
const END = "b".repeat(32);
const server = "https://127.0.0.1:7443";
const socket = "/var/lib/wctl/wctl.sock";

/** As the daemon writes it, but for what a test says otherwise. */
const config = ({
  extension = {},
  cert = pem(END),
  address = server,
  user = {},
  extensions,
}: Written = {}): Kubeconfig => ({
  "current-context": "pc",
  clusters: [
    { name: "pc", cluster: { server: address } },
    { name: "other", cluster: { server } },
  ],
  users: [
    { name: "admin", user: { "client-certificate-data": data(cert), "client-key-data": data(cert), ...user } },
    { name: "jane", user: { token: "t" } },
  ],
  contexts: [
    {
      name: "pc",
      context: {
        cluster: "pc",
        user: "admin",
        extensions: extensions ?? [
          { name: "minikube.sigs.k8s.io", extension: { provider: "x" } },
          { name: "wctl.dev/local-door", extension: { socket, server, certificateEnd: END, ...extension } },
        ],
      },
    },
    { name: "plain", context: { cluster: "pc", user: "admin" } },
  ],
});

interface Written {
  extension?: object;
  cert?: string;
  address?: string;
  user?: object;
  extensions?: unknown;
}

describe("the door that a kubeconfig names", () => {
  it("is used for its server and its certificate, also to act as somebody else, or in another namespace", () => {
    assert.deepEqual(resolveKubeconfig(config()).door, { socket });
    assert.deepEqual(resolveKubeconfig(config(), { context: "pc" }).door, { socket });
    const acting = resolveKubeconfig(config(), { as: "jane", asGroups: ["a"] });
    assert.deepEqual([acting.door, acting.endpoint.impersonate?.user], [{ socket }, "jane"]);
  });

  for (const overrides of [
    { server },
    { server: "https://127.0.0.1:1" },
    { cluster: "other" },
    { cluster: "pc" },
    { user: "jane" },
    { user: "admin" },
    { token: "t" },
    { context: "plain" },
  ])
    it(`is not used where something else was chosen: ${JSON.stringify(overrides)}`, () => {
      assert.equal(resolveKubeconfig(config(), overrides).door, undefined);
    });

  for (const [what, written] of [
    ["another certificate stands under the name of its user", { cert: pem("c".repeat(32)) }],
    [
      "its user has a token and no certificate",
      { user: { "client-certificate-data": "", "client-key-data": "", token: "t" } },
    ],
    ["its cluster has another address", { address: "https://127.0.0.1:7444" }],
    ["the file says nothing of it", { extensions: [] }],
    ["there is no such list", { extensions: "none" }],
    ["the list holds something else", { extensions: [null, "wctl.dev/local-door", { name: "wctl.dev/local-door" }] }],
  ] as const)
    it(`is not used where ${what}`, () => {
      assert.equal(resolveKubeconfig(config(written)).door, undefined);
    });

  for (const wrong of ["wctl.sock", "/var/run/docker.sock", "", 7, undefined, null, ["/wctl.sock"]])
    it(`is refused as ${JSON.stringify(wrong)}: no daemon writes that`, () => {
      assert.throws(
        () => resolveKubeconfig(config({ extension: { socket: wrong } })),
        (error) => {
          assert.ok(error instanceof KubeconfigError);
          assert.match(error.message, /extension wctl\.dev\/local-door without the whole path of a wctl\.sock/);
          return true;
        },
      );
    });

  it("may be a pipe of Windows, which only administrators can make", () => {
    const pipe = doorPipe("1-2");
    assert.deepEqual(resolveKubeconfig(config({ extension: { socket: undefined, pipe } })).door, { pipe });
    const open = config({ extension: { socket: undefined, pipe: "wctl-1" } });
    assert.throws(() => resolveKubeconfig(open), /the name of a pipe that only administrators can make/);
  });
});
