import { createHash } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { stableGuid } from "./stable-guid.ts";

/** All versions are the same product to Windows: a newer one replaces an older one. Never to be changed. */
const UPGRADE_CODE = stableGuid("upgrade code");
const EXE = "wctl.exe";

/**
 * Makes the installer with wixl (msitools): program into Program Files, folder into the PATH, service registered and started. The
 * service is set up by the program itself (`wctl service install`), so that an MSI and a person do the same.
 */
export async function makeMsi({
  program,
  version,
  out,
  addons = new Map(),
}: {
  program: string;
  version: string;
  out: string;
  /** Native addons that go beside the program, by file name. */
  addons?: ReadonlyMap<string, Uint8Array>;
}): Promise<void> {
  const work = `${out}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const source = join(work, "wctl.wxs");
  const draft = join(work, "wctl.msi");
  linkSync(program, join(work, EXE)); // wixl finds a file only below its own folder.
  for (const [name, bytes] of addons) writeFileSync(join(work, name), bytes);
  writeFileSync(source, wxs({ version, productCode: productCodeOf(program, version), addons: [...addons.keys()] }));
  await execa("wixl", ["-a", "x64", "-o", draft, source], { all: true, cwd: work });
  for (const query of corrections(numberOf(version))) await execa("msibuild", [draft, "-q", query], { all: true });
  mkdirSync(dirname(out), { recursive: true });
  renameSync(draft, out);
  rmSync(work, { recursive: true });
}

/** Each build is a product of its own, so that it replaces every other. */
export function productCodeOf(program: string, version: string): string {
  const hash = createHash("sha256").update(readFileSync(program)).digest("hex");
  return stableGuid(`product ${version} ${hash}`);
}

/** What wixl has no words for, as SQL on the installer's tables (https://learn.microsoft.com/windows/win32/msi/database-tables). */
const corrections = (version: string): string[] => [
  // `=-*`: set at installation, taken away at removal, of the whole machine.
  "CREATE TABLE `Environment` (`Environment` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL LOCALIZABLE, " +
    "`Value` CHAR(255) LOCALIZABLE, `Component_` CHAR(72) NOT NULL PRIMARY KEY `Environment`)",
  "INSERT INTO `Environment` (`Environment`, `Name`, `Value`, `Component_`) " +
    "VALUES ('Path', '=-*Path', '[~];[INSTALLDIR]', 'Program')",
  // Up to this version, it included (512): another build of it replaces it, too. Features are kept (1).
  "INSERT INTO `Upgrade` (`UpgradeCode`, `VersionMax`, `Attributes`, `ActionProperty`) " +
    `VALUES ('{${UPGRADE_CODE}}', '${version}', 513, 'WIX_UPGRADE_DETECTED')`,
  // wixl does not read it from the program. Without it Windows would take the new file for older than the one that is there.
  `UPDATE \`File\` SET \`Version\` = '${version}.0', \`Language\` = '1033' WHERE \`File\` = '${EXE}'`,
  // wixl keeps the last of those that are `Secure`. What is missing here does not come from the window in which a person agrees to the
  // part that runs elevated: an upgrade by a double click would not see that it is one.
  "UPDATE `Property` SET `Value` = 'WIX_UPGRADE_DETECTED;WIX_DOWNGRADE_DETECTED' WHERE `Property` = 'SecureCustomProperties'",
  // Rollback (256), in the script (1024), as the system (2048), whatever it answers (64), an installed program (18).
  "UPDATE `CustomAction` SET `Type` = 3410 WHERE `Action` = 'UndoInstall'",
  // Right after InstallInitialize.
  ...[{ id: "RemoveExistingProducts", sequence: 1510 }, ...steps].map(
    ({ id, sequence }) => `UPDATE \`InstallExecuteSequence\` SET \`Sequence\` = ${sequence} WHERE \`Action\` = '${id}'`,
  ),
];

interface Step {
  id: string;
  /** For `wctl service`. */
  words: string;
  /** RemoveFiles is at 3500, InstallFiles at 4000, InstallFinalize at 6600. */
  sequence: number;
  condition: string;
  /** A step that only helps must not stop the installation. */
  mayFail?: boolean;
}

const removing = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE';
const replaced = 'REMOVE="ALL" AND UPGRADINGPRODUCTCODE';
const fresh = "NOT Installed AND NOT WIX_UPGRADE_DETECTED";
/** Not in a repair: any user may ask for one, and could then interfere with what the system runs. */
const installing = "NOT Installed";

/**
 * REINSTALLMODE `a`: the file is written whatever version is there, since Windows decides that before the old product, and with it its
 * file, is removed. The Restart Manager stays out: it would end the service, and with it the workloads, before `StopKeeping`.
 *
 * In an upgrade the old version goes first: its service ends, its workloads go on, and the new version finds them again. All of them
 * run between InstallInitialize and InstallFinalize, as actions that change the system must.
 */
const steps: readonly Step[] = [
  {
    id: "StopKeeping",
    words: "stop --keep-workloads",
    sequence: 3310,
    condition: replaced,
    mayFail: true,
  },
  { id: "Uninstall", words: "uninstall", sequence: 3320, condition: removing, mayFail: true },
  { id: "UndoInstall", words: "uninstall", sequence: 4010, condition: fresh, mayFail: true },
  { id: "Install", words: "install", sequence: 4020, condition: installing },
  { id: "Start", words: "start", sequence: 4030, condition: installing, mayFail: true },
];

function wxs({ version, productCode, addons }: { version: string; productCode: string; addons: string[] }): string {
  const number = numberOf(version);
  const action = ({ id, words, mayFail }: Step): string =>
    `    <CustomAction Id="${id}" FileKey="${EXE}" ExeCommand="service ${words}" Execute="deferred" ` +
    `Impersonate="no" Return="${mayFail ? "ignore" : "check"}"/>`;
  const order = ({ id, condition }: Step): string =>
    `      <Custom Action="${id}" After="InstallInitialize">${escapeXml(condition)}</Custom>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${productCode}" UpgradeCode="${UPGRADE_CODE}" Name="wctl" Manufacturer="wctl" Version="${number}" Language="1033">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"
      Description="A Kubernetes-style declarative reconciler for Windows processes"/>
    <Upgrade Id="${UPGRADE_CODE}">
      <UpgradeVersion Minimum="${number}" IncludeMinimum="no" OnlyDetect="yes" Property="WIX_DOWNGRADE_DETECTED"/>
    </Upgrade>
    <Property Id="REINSTALLMODE" Value="amus"/>
    <Property Id="MSIRESTARTMANAGERCONTROL" Value="Disable"/>
    <Property Id="ARPNOREPAIR" Value="1"/>
    <Property Id="ARPNOMODIFY" Value="1"/>
    <Property Id="WIX_UPGRADE_DETECTED" Secure="yes"/>
    <Property Id="WIX_DOWNGRADE_DETECTED" Secure="yes"/>
    <Condition Message="A newer version of wctl is installed.">Installed OR NOT WIX_DOWNGRADE_DETECTED</Condition>
    <Media Id="1" Cabinet="wctl.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="wctl">
          <Component Id="Program" Guid="${stableGuid("component of the program")}" Win64="yes">
            <File Id="${EXE}" Name="${EXE}" Source="${EXE}" KeyPath="yes"/>
${addons.map((name) => `            <File Id="${name}" Name="${name}" Source="${name}"/>\n`).join("")}          </Component>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="All" Level="1">
      <ComponentRef Id="Program"/>
    </Feature>
${steps.map(action).join("\n")}
    <InstallExecuteSequence>
      <RemoveExistingProducts/>
      <RemoveEnvironmentStrings/>
      <WriteEnvironmentStrings/>
${steps.map(order).join("\n")}
    </InstallExecuteSequence>
  </Product>
</Wix>
`;
}

/** An installer's version has numbers only. */
const numberOf = (version: string): string => version.split("-")[0]!;

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
