import type { WriteOptions } from "../../api/client.ts";
import type { Identity } from "../authentication/identity.ts";

/** How a write is meant, and by whom. */
export interface WriteContext extends Pick<WriteOptions, "fieldManager" | "dryRun" | "fieldValidation"> {
  /** Of the write, as in the URL. */
  subresource?: string | undefined;
  /** Who writes. Said by whoever has authenticated him; nothing in a request can say so. */
  user?: Identity | undefined;
}
