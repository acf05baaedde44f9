import type { WriteOptions } from "../../api/client.ts";
import type { Identity } from "../authentication/identity.ts";

/** How a write is meant, and by whom. */
export interface WriteContext extends Pick<WriteOptions, "fieldManager" | "dryRun" | "fieldValidation"> {
  /** Which part of the Object is written, as the URL names it. */
  subresource?: string | undefined;
  /** Who writes. Said by whoever has authenticated him; nothing in a request can say so. */
  user?: Identity | undefined;
}
