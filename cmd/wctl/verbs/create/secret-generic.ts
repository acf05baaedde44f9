import { secrets } from "../../../../api/scheme.ts";
import type { Secret } from "../../../../api/types.generated.ts";
import { command } from "../../command/command.ts";
import { createOne, createOptions, nameOf } from "./create-one.ts";
import { appendHash, hashed } from "./name-hash.ts";
import { readValues, valueOptions } from "./values.ts";

export const createSecretGeneric = command({
  name: "create secret generic",
  summary: "Create a Secret from files and words.",
  description:
    "What stands on a command line is seen by other users of the machine and kept by the shell: prefer --from-file, or --from-file=KEY=/dev/stdin.",
  usage: ["create secret generic NAME [--from-file=[KEY=]FILE]... [--from-literal=KEY=VALUE]... [flags]"],
  examples: [
    { what: "One key, from a file", line: "wctl create secret generic web --from-file=token=token.txt" },
    { what: "From a file of NAME=VALUE lines", line: "wctl create secret generic web --from-env-file=web.env" },
    { what: "From a word", line: "wctl create secret generic web --from-literal=token=s3cret" },
  ],
  options: [
    ...valueOptions,
    {
      name: "type",
      type: "string",
      placeholder: "TYPE",
      description: "The type of the Secret; the server's default is Opaque.",
    },
    appendHash,
    ...createOptions,
  ],
  async run(args, flags, context) {
    const name = nameOf(args, "create secret generic");
    const values = await readValues(flags, context.env);
    const data = Object.fromEntries([...values].map(([key, bytes]) => [key, bytes.toString("base64")]));
    const secret: Secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name },
      ...(values.size > 0 ? { data } : {}),
      ...(flags.type ? { type: flags.type } : {}),
    };
    return createOne(secrets, hashed(secret, flags["append-hash"]), flags, context);
  },
});
