import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Data, NtExecutable, NtExecutableResource, Resource } from "resedit";

const ENGLISH = 1033;
const UNICODE = 1200;
const LOAD_CONFIGURATION = 10;
/** Of `DependentLoadFlags` in IMAGE_LOAD_CONFIG_DIRECTORY64; winnt.h. */
const DEPENDENT_LOAD_FLAGS = 78;
const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/**
 * What was node.exe becomes wctl.exe to Windows: its name, version and icon are ours; Node's certificate, which fits no more, is gone, so that
 * the program can be signed; DLLs that it imports come from System32 alone, never from the folder it was downloaded into; and the
 * checksum is right. https://learn.microsoft.com/windows/win32/debug/pe-format
 */
export function dressProgram(bytes: Uint8Array, version: string): Buffer {
  const program = NtExecutable.from(withSystemLibraries(bytes), { ignoreCert: true });
  const resources = NtExecutableResource.from(program);
  resources.entries = resources.entries.filter(({ type }) => ![VERSION, ICON, ICON_GROUP].includes(type as number));
  versionInfo(version).outputToResourceEntries(resources.entries);
  const icon = Data.IconFile.from(readFileSync(join(import.meta.dirname, "wctl.ico")));
  const images = icon.icons.map(({ data }) => data);
  Resource.IconGroupEntry.replaceIconsForResource(resources.entries, 1, ENGLISH, images);
  resources.outputResource(program);
  return Buffer.from(program.generate());
}

const ICON = 3;
const ICON_GROUP = 14;
const VERSION = 16;

function versionInfo(version: string): Resource.VersionInfo {
  const info = Resource.VersionInfo.createEmpty();
  const [major = 0, minor = 0, patch = 0] = version.split("-")[0]!.split(".").map(Number);
  info.setFileVersion(major, minor, patch, 0, ENGLISH);
  info.setProductVersion(major, minor, patch, 0, ENGLISH);
  info.setStringValues(
    { lang: ENGLISH, codepage: UNICODE },
    {
      CompanyName: "wctl",
      FileDescription: "wctl, a declarative reconciler for Windows processes",
      FileVersion: version,
      InternalName: "wctl",
      LegalCopyright: "Apache License 2.0",
      OriginalFilename: "wctl.exe",
      ProductName: "wctl",
      ProductVersion: version,
    },
  );
  return info;
}

function withSystemLibraries(bytes: Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  const program = NtExecutable.from(bytes, { ignoreCert: true });
  const { virtualAddress, size } = program.newHeader.optionalHeaderDataDirectory.get(LOAD_CONFIGURATION);
  const section = program
    .getAllSections()
    .find(
      ({ info }) => virtualAddress >= info.virtualAddress && virtualAddress < info.virtualAddress + info.virtualSize,
    );
  if (!section || size < DEPENDENT_LOAD_FLAGS + 2) throw new Error("node.exe has no load configuration to set");
  const at = section.info.pointerToRawData + virtualAddress - section.info.virtualAddress;
  changed.writeUInt16LE(LOAD_LIBRARY_SEARCH_SYSTEM32, at + DEPENDENT_LOAD_FLAGS);
  return changed;
}
