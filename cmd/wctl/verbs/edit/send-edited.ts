import { StatusError } from "../../../../api/errors.ts";
import { ConnectionError } from "../../../../api/http/connection-error.ts";
import { keyOf } from "../../../../api/object.ts";
import type { Context } from "../../command/command.ts";
import { line } from "../../output/output.ts";
import { warn } from "../../output/warn.ts";
import { objectName } from "../../text/name.ts";
import { type Validation, writeOptionsOf } from "../../writing/options.ts";
import type { Reason } from "./edit-text.ts";
import type { Edited } from "./edited-objects.ts";

export interface SendFlags {
  subresource: "status" | undefined;
  validate: Validation;
  "field-manager": string;
}

/** Sends what was changed of one object, and says so. Resolves with the reason when the server refuses it; rejects when no server answers. */
export async function sendEdited(
  { found, patch }: Edited,
  flags: SendFlags,
  { session, out, err }: Context,
): Promise<Reason | undefined> {
  const { resource, object } = found;
  const name = objectName(resource, object.metadata.name);
  if (!patch) {
    await line(out, `${name} skipped`);
    return undefined;
  }
  const { client } = await session.open();
  const onWarning = (text: string): unknown => warn(err, text);
  const options = { ...writeOptionsOf({ ...flags, "dry-run": "none" }), onWarning };
  try {
    const part = flags.subresource ? { subresource: flags.subresource } : {};
    await client.patch(resource, keyOf(object), { type: "merge", body: patch }, { ...options, ...part });
  } catch (error) {
    if (!(error instanceof StatusError) || error instanceof ConnectionError) throw error;
    const kind = resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
    const { said, reason } = refusalOf(`${kind} ${JSON.stringify(object.metadata.name)}`, error);
    await line(err, `error: ${said}`);
    return reason;
  }
  await line(out, `${name} edited`);
  return undefined;
}

/** In kubectl's words: one line for the terminal, and what stands above the text in the editor. */
function refusalOf(what: string, { reason, message, details }: StatusError): { said: string; reason: Reason } {
  if (reason === "Invalid") {
    const causes = (details?.causes ?? []).map(({ field, message }) => (field ? `${field}: ${message}` : message));
    return {
      said: `${what} is invalid`,
      reason: { head: `${what} was not valid:`, causes: causes.length > 0 ? causes : [message] },
    };
  }
  if (reason === "NotFound") {
    const said = `${what} could not be found on the server`;
    return { said, reason: { head: said, causes: [] } };
  }
  const said = `${what} could not be patched: ${message}`;
  return { said, reason: { head: said, causes: [] } };
}
