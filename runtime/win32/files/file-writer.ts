import type { FilePlace, FileWriter } from "../../runs/declared-files.ts";
import { type LaunchFile, StartError } from "../../runtime.ts";
import { constants } from "../ffi/constants.ts";
import { fileConstants as f } from "../ffi/file-constants.ts";
import { fileStructs } from "../ffi/file-structs.ts";
import { encode } from "../ffi/struct-codec.ts";
import { tokenConstants as t } from "../ffi/token-constants.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { withDescriptor } from "../security/security-attributes.ts";
import { must, Win32Error } from "../win32-error.ts";
import { attributesOf, isFolder, openIn } from "./open-file.ts";
import { extended } from "./path-rules.ts";

const SHARE = constants.FILE_SHARE_READ | constants.FILE_SHARE_WRITE | constants.FILE_SHARE_DELETE;
/** A program whose working directory it is lets nobody have more. */
const WALK = constants.FILE_LIST_DIRECTORY | constants.SYNCHRONIZE | t.FILE_TRAVERSE | t.FILE_READ_ATTRIBUTES;
const AS_IT_IS = f.FILE_SYNCHRONOUS_IO_NONALERT | f.FILE_OPEN_REPARSE_POINT;
const { FILE_RENAME_INFO, IO_STATUS_BLOCK } = fileStructs;

/** Whose files they are. */
export interface FileOwner {
  sid: string;
  /** For people. */
  label: string;
  /** Whether the account may put files into the folder. */
  mayAdd(folder: string): boolean;
}

/**
 * Writes files for an account. After the first open no path is walked: each folder and file is opened by its name in the folder that is held, never
 * through a link, so what the workload moves or plants meanwhile leads nowhere else (S11).
 */
export class Win32FileWriter implements FileWriter {
  readonly #api: Winapi;
  readonly #owner: FileOwner;

  constructor(api: Winapi, owner: FileOwner) {
    this.#api = api;
    this.#owner = owner;
  }

  write(place: FilePlace, file: LaunchFile): void {
    this.#inFolder(place, true, (folder) => {
      const fresh = freshOf(place.name);
      const target = openIn(this.#api, folder, utf16(place.name));
      if (target !== undefined) this.#requireFile(target, place.name);
      this.#remove(folder, fresh); // Of a daemon that was killed.
      const handle = this.#create(folder, fresh, file.isSecret);
      try {
        this.#fill(handle, file.content);
        this.#rename(handle, folder, place.name);
      } catch (error) {
        this.#dispose(handle);
        throw error;
      } finally {
        this.#api.CloseHandle(handle);
      }
    });
  }

  remove(place: FilePlace): void {
    this.#inFolder(place, false, (folder) => {
      for (const name of [place.name, freshOf(place.name)]) this.#remove(folder, name);
    });
  }

  /** Walks to the folder, which is made when `isMade`; does nothing when there is none. */
  #inFolder({ root, isHome, folders }: FilePlace, isMade: boolean, act: (folder: Handle) => void): void {
    if (!isHome && !this.#owner.mayAdd(root)) {
      throw new StartError("AccessDenied", `${this.#owner.label} may not write in ${root}, so nobody does it for it`);
    }
    const held = [this.#root(root, isHome)];
    try {
      for (const name of folders) {
        const next = this.#folder(held.at(-1)!, name, isMade);
        if (next === undefined) return;
        held.push(next);
        if (!isFolder(this.#api, next)) throw noFolder(name);
      }
      act(held.at(-1)!);
    } finally {
      for (const handle of held) this.#api.CloseHandle(handle);
    }
  }

  /** The folder of a copy is opened itself, link or not; a working directory is what its administrator has made of it. */
  #root(root: string, isHome: boolean): Handle {
    const link = isHome ? constants.FILE_FLAG_OPEN_REPARSE_POINT : 0;
    const flags = constants.FILE_FLAG_BACKUP_SEMANTICS | link;
    const folder = this.#api.CreateFileW(extended(root), WALK, SHARE, null, constants.OPEN_EXISTING, flags, 0);
    must(this.#api, "CreateFileW", folder, { path: root });
    if (isFolder(this.#api, folder)) return folder;
    this.#api.CloseHandle(folder);
    throw noFolder(root);
  }

  /** Undefined: it is not there, and not to be made. */
  #folder(parent: Handle, name: string, isMade: boolean): Handle | undefined {
    try {
      const disposition = isMade ? f.FILE_OPEN_IF : f.FILE_OPEN;
      return this.#open(parent, name, WALK, disposition, f.FILE_DIRECTORY_FILE, 0n);
    } catch (error) {
      const code = error instanceof Win32Error ? error.code : 0;
      if (code === constants.ERROR_DIRECTORY) throw noFolder(name);
      if (!isMade && (code === constants.ERROR_FILE_NOT_FOUND || code === constants.ERROR_PATH_NOT_FOUND))
        return undefined;
      throw error;
    }
  }

  /** From its first moment a Secret's file is for its account alone. Everything else inherits the rights of its folder. */
  #create(folder: Handle, name: string, isSecret: boolean): Handle {
    const access = t.FILE_GENERIC_WRITE | t.DELETE | constants.SYNCHRONIZE;
    const create = (descriptor: bigint): Handle =>
      this.#open(folder, name, access, f.FILE_CREATE, f.FILE_NON_DIRECTORY_FILE, descriptor);
    if (!isSecret) return create(0n);
    return withDescriptor(this.#api, `D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;OW)(A;;FR;;;${this.#owner.sid})`, create);
  }

  #open(
    folder: Handle,
    name: string,
    access: number,
    disposition: number,
    options: number,
    descriptor: bigint,
  ): Handle {
    const out = Buffer.alloc(8);
    const attributes = attributesOf(this.#api, folder, utf16(name), descriptor);
    const plain = constants.FILE_ATTRIBUTE_NORMAL;
    const how = options | AS_IT_IS;
    const status = Buffer.alloc(IO_STATUS_BLOCK.size);
    const done = this.#api.NtCreateFile(out, access, attributes, status, null, plain, SHARE, disposition, how, null, 0);
    if (done < 0) throw new Win32Error("NtCreateFile", this.#api.RtlNtStatusToDosError(done), { name });
    return Number(out.readBigUInt64LE());
  }

  #fill(file: Handle, content: Uint8Array): void {
    const bytes = Buffer.from(content);
    const written = Buffer.alloc(4);
    for (let at = 0; at < bytes.length; at += written.readUInt32LE()) {
      const rest = bytes.subarray(at);
      must(this.#api, "WriteFile", this.#api.WriteFile(file, rest, rest.length, written, null));
    }
  }

  #rename(file: Handle, folder: Handle, name: string): void {
    const text = utf16(name);
    const { at } = FILE_RENAME_INFO.fields.FileName;
    const head = encode(FILE_RENAME_INFO, { Flags: 1, RootDirectory: BigInt(folder), FileNameLength: text.length });
    const info = Buffer.concat([head.subarray(0, at), text, Buffer.alloc(4)]);
    const status = Buffer.alloc(IO_STATUS_BLOCK.size);
    const done = this.#api.NtSetInformationFile(file, status, info, info.length, f.FileRenameInformation);
    if (done >= 0) return;
    const code = this.#api.RtlNtStatusToDosError(done);
    if (code === constants.ERROR_ACCESS_DENIED || code === constants.ERROR_SHARING_VIOLATION)
      throw new StartError("AccessDenied", `${name} is held open by a program, or is read-only`);
    throw new Win32Error("NtSetInformationFile", code, { name });
  }

  #requireFile(target: Handle, name: string): void {
    const isOne = isFolder(this.#api, target);
    this.#api.CloseHandle(target);
    if (isOne) throw new StartError("AccessDenied", `${name} is a folder: remove it`);
  }

  #remove(folder: Handle, name: string): void {
    const file = openIn(this.#api, folder, utf16(name));
    if (file === undefined) return;
    try {
      if (isFolder(this.#api, file)) throw new StartError("AccessDenied", `${name} is a folder: remove it`);
      must(this.#api, "SetFileInformationByHandle", this.#dispose(file), { name });
    } finally {
      this.#api.CloseHandle(file);
    }
  }

  #dispose(file: Handle): number {
    return this.#api.SetFileInformationByHandle(file, f.FileDispositionInfo, Buffer.from([1]), 1);
  }
}

const noFolder = (name: string): StartError =>
  new StartError("AccessDenied", `${name} is a link, or no folder: remove it`);

/** What a file is called while it is written. */
const freshOf = (name: string): string => `.wctl-${name}`;

const utf16 = (name: string): Buffer => Buffer.from(name, "utf16le");
