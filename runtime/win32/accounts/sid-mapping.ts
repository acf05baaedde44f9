import { StartError } from "../../runtime.ts";
import type { BlockingCalls } from "../blocking-calls.ts";
import { encode } from "../ffi/struct-codec.ts";
import { tokenConstants as c } from "../ffi/token-constants.ts";
import { tokenStructs } from "../ffi/token-structs.ts";
import type { Winapi } from "../ffi/winapi.ts";
import { encodeSid } from "../security/sid.ts";
import { nameOfError, Win32Error } from "../win32-error.ts";
import { sidOfName } from "./look-up-account.ts";
import { withTexts } from "./lsa.ts";
import { PROCESS_DOMAIN, PROCESS_DOMAIN_SID, type ProcessAccount } from "./process-account.ts";

const { LSA_SID_NAME_MAPPING_OPERATION_ADD_INPUT: ADD, LSA_SID_NAME_MAPPING_OPERATION_REMOVE_INPUT: REMOVE } =
  tokenStructs;

/** LSA_SID_NAME_MAPPING_OPERATION_ERROR */
const SUCCESS = 0;
const COLLISIONS: readonly (number | undefined)[] = [2, 3];

/**
 * Tells Windows the account's name and SID, until the next boot; what it knows already stays. It takes SeTcbPrivilege. What another maker has under
 * the same name is refused, not shared. Rejects with StartError AccountNotAllowed.
 * https://learn.microsoft.com/windows/win32/secauthn/lsamanagesidnamemapping
 */
export async function mapAccount(api: Winapi, slow: BlockingCalls, account: ProcessAccount): Promise<void> {
  add(api, PROCESS_DOMAIN_SID, "");
  add(api, account.sid, account.user);
  const found = await sidOfName(slow, account.lookUp).catch(() => "nobody");
  if (found === account.sid) return;
  throw refused(`the name ${account.label} belongs to ${found} and not to ${account.sid}`);
}

/** Takes the mapping back when the Process is gone, whether or not there was one. */
export function unmapAccount(api: Winapi, { user }: ProcessAccount): void {
  const input = withTexts(api, Buffer.alloc(REMOVE.size), [
    { text: PROCESS_DOMAIN, at: REMOVE.fields.DomainName.at },
    { text: user, at: REMOVE.fields.AccountName.at },
  ]);
  operate(api, c.LsaSidNameMappingOperation_Remove, input);
}

/** The domain itself has no account name. */
function add(api: Winapi, sid: string, user: string): void {
  const encoded = encodeSid(sid);
  const head = Buffer.concat([encode(ADD, {}), encoded]);
  const texts = [
    { text: PROCESS_DOMAIN, at: ADD.fields.DomainName.at },
    ...(user === "" ? [] : [{ text: user, at: ADD.fields.AccountName.at }]),
  ];
  const input = withTexts(api, head, texts);
  input.writeBigUInt64LE(api.addressOf(input) + BigInt(ADD.size), ADD.fields.Sid.at);
  const { status, error } = operate(api, c.LsaSidNameMappingOperation_Add, input);
  if (status >= 0 || COLLISIONS.includes(error)) return;
  const code = api.LsaNtStatusToWinError(status);
  throw refused(
    `LsaManageSidNameMapping: ${nameOfError(code)}`,
    new Win32Error("LsaManageSidNameMapping", code, { sid, error }),
  );
}

/** `error`: what the mapping itself found, where Windows says so. */
function operate(api: Winapi, operation: number, input: Buffer): { status: number; error: number | undefined } {
  if (!api.LsaManageSidNameMapping) throw refused("this Windows has no LsaManageSidNameMapping");
  const out = Buffer.alloc(8);
  const status = api.LsaManageSidNameMapping(operation, input, out);
  const answer = out.readBigUInt64LE();
  if (answer === 0n) return { status, error: status >= 0 ? SUCCESS : undefined };
  try {
    const error = Buffer.alloc(4);
    const read = api.ReadProcessMemory(api.GetCurrentProcess(), answer, error, error.length, null);
    return { status, error: read ? error.readUInt32LE() : undefined };
  } finally {
    api.LsaFreeMemory(answer);
  }
}

const refused = (why: string, cause?: unknown): StartError =>
  new StartError(
    "AccountNotAllowed",
    `no account of its own can be made for the Process: ${why}. Name an account in runAs.account; ` +
      "LocalService and NetworkService are shared with Windows' own services and part nobody",
    { cause },
  );
