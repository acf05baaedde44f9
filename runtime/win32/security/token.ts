import { read } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Handle, Winapi } from "../ffi/winapi.ts";
import { must, Win32Error } from "../win32-error.ts";
import { decodeSid } from "./sid.ts";

const USUAL_ROOM = 1024;
const GROUP_SIZE = 16;

/** The access we need to our own token, and to a workload's: to copy it, restrict it and start processes with it. */
const ACCESS = c.TOKEN_DUPLICATE | c.TOKEN_QUERY | c.TOKEN_ASSIGN_PRIMARY | c.TOKEN_ADJUST_DEFAULT;

/** An access token that is held: the account whose rights a process has. Whoever has it closes it. */
export class Token {
  /** Access that is enough to make copies. */
  static readonly COPYABLE = c.TOKEN_DUPLICATE | c.TOKEN_QUERY;

  readonly #api: Winapi;
  readonly handle: Handle;

  constructor(api: Winapi, handle: Handle) {
    this.#api = api;
    this.handle = handle;
  }

  /** The token of a process, by default of this one. Throws Win32Error. */
  static ofProcess(api: Winapi, process: Handle = api.GetCurrentProcess(), access: number = ACCESS): Token {
    const out = Buffer.alloc(8);
    must(api, "OpenProcessToken", api.OpenProcessToken(process, access, out));
    return new Token(api, Number(out.readBigUInt64LE()));
  }

  /** The owner of new objects: the group of administrators for an administrator, the account itself for others. */
  get owner(): string {
    const info = this.query(c.TokenOwner);
    return decodeSid(info, this.#offset(info, read(tokenStructs.TOKEN_USER, info, "Sid"))); // TOKEN_OWNER begins alike.
  }

  /** The account. */
  get user(): string {
    const info = this.query(c.TokenUser);
    return decodeSid(info, this.#offset(info, read(tokenStructs.TOKEN_USER, info, "Sid")));
  }

  groups(): { sid: string; attributes: number }[] {
    const info = this.query(c.TokenGroups);
    const { at } = tokenStructs.TOKEN_GROUPS.fields.Groups;
    return Array.from({ length: read(tokenStructs.TOKEN_GROUPS, info, "GroupCount") }, (_, index) => {
      const group = at + index * GROUP_SIZE;
      return {
        sid: decodeSid(info, this.#offset(info, info.readBigUInt64LE(group))),
        attributes: info.readUInt32LE(group + 8),
      };
    });
  }

  /** LUIDs of all privileges it holds, enabled or not. */
  privileges(): bigint[] {
    const info = this.query(c.TokenPrivileges);
    const { at } = tokenStructs.TOKEN_PRIVILEGES.fields.Privileges;
    return Array.from({ length: read(tokenStructs.TOKEN_PRIVILEGES, info, "PrivilegeCount") }, (_, index) =>
      info.readBigUInt64LE(at + index * tokenStructs.LUID_AND_ATTRIBUTES.size),
    );
  }

  /** A copy that can be given to a process. */
  primary(): Token {
    return this.#duplicate(c.TokenPrimary);
  }

  /** A copy that AccessCheck takes. */
  impersonation(): Token {
    return this.#duplicate(c.TokenImpersonation);
  }

  /** Throws Win32Error. */
  set(infoClass: number, info: Buffer): void {
    const done = this.#api.SetTokenInformation(this.handle, infoClass, info, info.length);
    must(this.#api, "SetTokenInformation", done, { infoClass });
  }

  query(infoClass: number): Buffer {
    const needed = Buffer.alloc(4);
    for (let room = USUAL_ROOM; ; room = Math.max(room * 2, needed.readUInt32LE())) {
      const info = Buffer.alloc(room);
      if (this.#api.GetTokenInformation(this.handle, infoClass, info, room, needed)) return info;
      const code = this.#api.GetLastError();
      if (needed.readUInt32LE() <= room) throw new Win32Error("GetTokenInformation", code, { infoClass });
    }
  }

  close(): void {
    this.#api.CloseHandle(this.handle);
  }

  #duplicate(type: number): Token {
    const out = Buffer.alloc(8);
    const { handle } = this;
    const done = this.#api.DuplicateTokenEx(handle, c.MAXIMUM_ALLOWED, null, c.SecurityImpersonation, type, out);
    must(this.#api, "DuplicateTokenEx", done);
    return new Token(this.#api, Number(out.readBigUInt64LE()));
  }

  /** SIDs lie behind the structure that points to them, in the same Buffer. */
  #offset(info: Buffer, address: bigint): number {
    return Number(address - this.#api.addressOf(info));
  }
}
