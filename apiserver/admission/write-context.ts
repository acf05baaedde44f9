import type { WriteOptions } from "../../api/client.ts";
import type { Identity } from "../authentication/identity.ts";
import type { Authority } from "./authority.ts";

/** The options of a write, and who writes. */
export interface WriteContext extends Pick<WriteOptions, "fieldManager" | "dryRun" | "fieldValidation"> {
  /** Which part of the Object is written, as the URL names it. */
  subresource?: string | undefined;
  /** Of the Object whose subresource is created, where the URL names one. */
  name?: string | undefined;
  /** Who writes. Only the authentication sets it; nothing in a request can. */
  user?: Identity | undefined;
  /** What the writer may do; there whenever `user` is. */
  authority?: Authority | undefined;
  /** Is it remembered who owns which field of an Object that this creates? Of one that remembers, every write is. */
  tracksFields?: boolean;
  /** Is what is written what a patch made? */
  patched?: boolean;
}
