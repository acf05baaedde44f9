import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Data, NtExecutable, NtExecutableResource, Resource } from "resedit";
import { alignSections, holderOf } from "./page-alignment.ts";
import { BLOB_NAME, turnFuse } from "./sea.ts";

const NEUTRAL = 0;
const ENGLISH = 1033;
const UNICODE = 1200;
const LOAD_CONFIGURATION = 10;
/** Of `DependentLoadFlags` in IMAGE_LOAD_CONFIG_DIRECTORY64; winnt.h. */
const DEPENDENT_LOAD_FLAGS = 78;
const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/**
 * What was node.exe becomes wctl.exe: with the blob as a resource, which Node runs instead of a script from its command line. Its name, version and icon
 * are ours; Node's certificate, which fits no more, is gone, so that the program can be signed; DLLs that it imports come from System32 alone, never from
 * the folder it was downloaded into; its sections begin at pages; and the checksum is right. https://learn.microsoft.com/windows/win32/debug/pe-format
 */
export function windowsProgram({ node, blob, version }: Parts): Buffer {
  const program = NtExecutable.from(changed(node), { ignoreCert: true });
  const resources = NtExecutableResource.from(program);
  resources.entries = resources.entries.filter(({ type }) => ![VERSION, ICON, ICON_GROUP].includes(type as number));
  resources.entries.push({ type: RAW_DATA, id: BLOB_NAME, lang: NEUTRAL, codepage: 0, bin: arrayOf(blob) });
  versionInfo(version).outputToResourceEntries(resources.entries);
  const icon = Data.IconFile.from(readFileSync(join(import.meta.dirname, "wctl.ico")));
  const images = icon.icons.map(({ data }) => data);
  Resource.IconGroupEntry.replaceIconsForResource(resources.entries, 1, ENGLISH, images);
  resources.outputResource(program);
  alignSections(program);
  return Buffer.from(program.generate());
}

interface Parts {
  /** The program of Node that shall read the blob. */
  node: Uint8Array;
  blob: Uint8Array;
  version: string;
}

const arrayOf = ({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer =>
  (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength);

/** The bytes of Node that its resources do not hold. */
function changed(node: Uint8Array): Buffer {
  const bytes = Buffer.from(node);
  turnFuse(bytes);
  useSystemLibraries(bytes);
  return bytes;
}

const ICON = 3;
const RAW_DATA = 10;
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

function useSystemLibraries(bytes: Buffer): void {
  const program = NtExecutable.from(bytes, { ignoreCert: true });
  const { virtualAddress, size } = program.newHeader.optionalHeaderDataDirectory.get(LOAD_CONFIGURATION);
  const section = holderOf(virtualAddress, program.getAllSections());
  if (!section || size < DEPENDENT_LOAD_FLAGS + 2) throw new Error("node.exe has no load configuration to set");
  const at = section.info.pointerToRawData + virtualAddress - section.info.virtualAddress;
  bytes.writeUInt16LE(LOAD_LIBRARY_SEARCH_SYSTEM32, at + DEPENDENT_LOAD_FLAGS);
}
