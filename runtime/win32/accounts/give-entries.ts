import { constants } from "../ffi/constants.ts";
import { read } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { allNames } from "../files/list-folder.ts";
import { isFolder, openAt, openIn } from "../files/open-file.ts";
import { withDescriptor } from "../security/security-attributes.ts";
import { must } from "../win32-error.ts";

/** The access lists of what is in a home, as SDDL. */
export interface EntryLists {
  folder: string;
  file: string;
  /** They have a label too. */
  isLow: boolean;
}

/**
 * Gives all that is in a folder these access lists. A workload could write there, so no path is walked after the first: each entry is opened by its name in
 * the folder that is held. Links stay as they are, and so does a file that has a name elsewhere too, for it may have been linked from there. Deep trees
 * need handles, and no stack. Answers how many entries could not be opened. Throws Win32Error.
 */
export function giveEntries(api: Winapi, path: string, { folder, file, isLow }: EntryLists): number {
  return withDescriptor(api, folder, (ofFolders) =>
    withDescriptor(api, file, (ofFiles) => new Giving(api, { ofFolders, ofFiles, isLow }).walk(path)),
  );
}

interface Descriptors {
  ofFolders: bigint;
  ofFiles: bigint;
  isLow: boolean;
}

class Giving {
  readonly #api: Winapi;
  readonly #descriptors: Descriptors;
  readonly #information: number;
  readonly #held: { folder: Handle; names: Iterator<Buffer> }[] = [];
  #skipped = 0;

  constructor(api: Winapi, descriptors: Descriptors) {
    this.#api = api;
    this.#descriptors = descriptors;
    const label = descriptors.isLow ? c.LABEL_SECURITY_INFORMATION : 0;
    this.#information = (c.DACL_SECURITY_INFORMATION | c.UNPROTECTED_DACL_SECURITY_INFORMATION | label) >>> 0;
  }

  walk(path: string): number {
    try {
      const top = openAt(this.#api, path);
      if (top !== undefined) this.#hold(top);
      for (let last = this.#held.at(-1); last !== undefined; last = this.#held.at(-1)) {
        const { value, done } = last.names.next();
        if (done) this.#api.CloseHandle(this.#held.pop()!.folder);
        else this.#give(last.folder, value);
      }
      return this.#skipped;
    } finally {
      for (const { folder } of this.#held) this.#api.CloseHandle(folder);
    }
  }

  #hold(folder: Handle): void {
    const names = isFolder(this.#api, folder) ? allNames(this.#api, folder) : [].values();
    this.#held.push({ folder, names });
  }

  #give(parent: Handle, name: Buffer): void {
    const entry = this.#open(parent, name);
    if (entry === undefined) return;
    if (isFolder(this.#api, entry)) {
      this.#hold(entry); // From here on it is closed in any case.
      this.#set(entry, this.#descriptors.ofFolders);
      return;
    }
    try {
      if (isWhollyHere(this.#api, entry)) this.#set(entry, this.#descriptors.ofFiles);
    } finally {
      this.#api.CloseHandle(entry);
    }
  }

  #open(parent: Handle, name: Buffer): Handle | undefined {
    try {
      return openIn(this.#api, parent, name, ACCESS | (this.#descriptors.isLow ? c.WRITE_OWNER : 0));
    } catch {
      this.#skipped++; // Its owner has locked it, or somebody holds it open.
      return undefined;
    }
  }

  #set(entry: Handle, descriptor: bigint): void {
    const done = this.#api.SetKernelObjectSecurity(entry, this.#information, descriptor);
    must(this.#api, "SetKernelObjectSecurity", done);
  }
}

/** FILE_LIST_DIRECTORY is FILE_READ_DATA of files: it asks for nothing more. */
const ACCESS =
  c.READ_CONTROL | c.WRITE_DAC | c.FILE_READ_ATTRIBUTES | constants.FILE_LIST_DIRECTORY | constants.SYNCHRONIZE;

/** No link, and no file with a name elsewhere. */
function isWhollyHere(api: Winapi, entry: Handle): boolean {
  const { BY_HANDLE_FILE_INFORMATION } = tokenStructs;
  const info = Buffer.alloc(BY_HANDLE_FILE_INFORMATION.size);
  must(api, "GetFileInformationByHandle", api.GetFileInformationByHandle(entry, info));
  const attributes = read(BY_HANDLE_FILE_INFORMATION, info, "dwFileAttributes");
  const links = read(BY_HANDLE_FILE_INFORMATION, info, "nNumberOfLinks");
  return (attributes & c.FILE_ATTRIBUTE_REPARSE_POINT) === 0 && links <= 1;
}
