import { wctlVersion } from "../../../../lib/version.ts";

/** In the shape of the server's answer to `/version`. */
export const clientVersion = (): { gitVersion: string; nodeVersion: string; arch: string } => ({
  gitVersion: `v${wctlVersion}`,
  nodeVersion: process.version,
  arch: process.arch,
});
