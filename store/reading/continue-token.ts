import { badRequest } from "../../api/errors.ts";
import type { Path } from "../store.ts";

/** Where a paged list goes on: the revision of its first page, and the last path shown. Opaque to clients. */
export interface ContinueToken {
  /** `NOW`: shows what there is now, as Kubernetes' inconsistent continuation does. */
  revision: number;
  after: Path;
}

export const NOW = -1;

export const encodeContinue = ({ revision, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: 1, rev: revision, after })).toString("base64url");

/** Throws `BadRequest` for what is no token, or one of another list. */
export function decodeContinue(token: string, prefix: Path): ContinueToken {
  const content = parse(token);
  if (content?.v !== 1 || !Number.isSafeInteger(content.rev) || typeof content.after !== "string") {
    throw badRequest("continue key is not valid");
  }
  if (!content.after.startsWith(prefix)) throw badRequest("continue key is not valid: it belongs to another list");
  return { revision: content.rev as number, after: content.after };
}

function parse(token: string): { v?: unknown; rev?: unknown; after?: unknown } | null {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString());
  } catch (error) {
    throw badRequest("continue key is not valid", error);
  }
}
