import type { Client } from "../../../../api/client.ts";
import { makeKey } from "../../../../api/object.ts";
import { nodes, secrets } from "../../../../api/scheme.ts";
import { Failure } from "../../errors/failure.ts";
import { getIfThere } from "./apply-one.ts";

/** Of the one host that the daemon has. */
export async function nodeNameOf(client: Client): Promise<string> {
  const { items } = await client.list(nodes, { limit: 2 });
  const [node, ...more] = items;
  if (!node || more.length > 0)
    throw new Failure("the name of the host is not to be found: give --path with it, instead of a variable");
  return node.metadata.name;
}

/** What a Secret that is there holds, as texts. Rejects with Failure when it is not there. */
export async function textsOf(
  client: Client,
  namespace: string,
  name: string | undefined,
): Promise<Record<string, string>> {
  if (name === undefined) return {};
  const secret = await getIfThere(client, secrets, makeKey(namespace, name));
  if (!secret) {
    throw new Failure(`secrets ${JSON.stringify(name)} is not there, and no credentials are given for it`, {
      hint: "See 'wctl bootstrap git --help' for usage.",
    });
  }
  const texts = Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
  return Object.fromEntries(texts);
}
