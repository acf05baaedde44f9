import { createPrivateKey, X509Certificate } from "node:crypto";
import { secrets } from "../../../../api/scheme.ts";
import type { Secret } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { Failure } from "../../errors/failure.ts";
import { createOne, createOptions, nameOf } from "./create-one.ts";
import { appendHash, hashed } from "./name-hash.ts";
import { readValueFile } from "./value-file.ts";

export const createSecretTls = command({
  name: "create secret tls",
  summary: "Create a Secret from a certificate and its key.",
  description: "Both are PEM. The key must be the certificate's; of several certificates the first is its own.",
  usage: ["create secret tls NAME --cert=FILE --key=FILE [flags]"],
  examples: [{ what: "From two files", line: "wctl create secret tls web --cert=tls.crt --key=tls.key" }],
  options: [
    { name: "cert", type: "string", placeholder: "FILE", description: "The certificate, and those above it." },
    { name: "key", type: "string", placeholder: "FILE", description: "Its private key." },
    appendHash,
    ...createOptions,
  ],
  async run(args, flags, context) {
    const name = nameOf(args, "create secret tls");
    if (!flags.cert || !flags.key) throw new Failure("key and cert must be specified");
    const [cert, key] = [await readValueFile(flags.cert), await readValueFile(flags.key)];
    refuseUnlessPair(cert, key);
    const secret: Secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name },
      type: "kubernetes.io/tls",
      data: { "tls.crt": cert.toString("base64"), "tls.key": key.toString("base64") },
    };
    return createOne(secrets, hashed(secret, flags["append-hash"]), flags, context);
  },
});

/** In the words of Go's tls.X509KeyPair, which kubectl asks. */
function refuseUnlessPair(cert: Buffer, key: Buffer): void {
  if (!cert.includes("-----BEGIN CERTIFICATE-----"))
    throw new Failure("tls: failed to find any PEM data in certificate input");
  if (!/-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY-----/.test(key.toString("latin1")))
    throw new Failure("tls: failed to find any PEM data in key input");
  const certificate = understood(() => new X509Certificate(cert), "tls: failed to parse certificate");
  const privateKey = understood(() => createPrivateKey(key), "tls: failed to parse private key");
  if (!certificate.checkPrivateKey(privateKey)) throw new Failure("tls: private key does not match public key");
}

function understood<T>(parse: () => T, problem: string): T {
  try {
    return parse();
  } catch (error) {
    throw new Failure(problem, { cause: error });
  }
}
