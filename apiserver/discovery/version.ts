import { goPlatform } from "../../lib/go-platform.ts";

/** `v1.32.0-wctl.0.1.0`: kubectl reads the protocol's version, people read ours. */
export const gitVersion = (version: string): string => `v1.32.0-wctl.${version}`;

/** Every field is there, as typed clients demand; what nobody knows is empty. */
export const versionDocument = (version: string): string =>
  `${JSON.stringify(
    {
      major: "1",
      minor: "32",
      gitVersion: gitVersion(version),
      gitCommit: "",
      gitTreeState: "",
      buildDate: "",
      goVersion: "",
      compiler: `node ${process.versions.node}`,
      platform: `${goPlatform.system}/${goPlatform.architecture}`,
    },
    null,
    2,
  )}\n`;
