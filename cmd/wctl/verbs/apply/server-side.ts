import { Failure } from "../../errors/failure.ts";

interface ServerSideFlags {
  "server-side": boolean;
  "force-conflicts": boolean;
  "dry-run": string;
  force: boolean;
  prune: boolean;
}

/** Throws when flags of the two ways to apply are mixed, as kubectl does. */
export function refuseMixture(flags: ServerSideFlags): void {
  if (!flags["server-side"]) {
    if (flags["force-conflicts"]) throw new Failure("--force-conflicts only works with --server-side");
    return;
  }
  if (flags.force) throw new Failure("--force cannot be used with --server-side");
  if (flags["dry-run"] === "client") {
    throw new Failure("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  }
  // What to prune is found by the annotation that only an apply on the client's side writes.
  if (flags.prune) throw new Failure("--prune cannot be used with --server-side");
}
