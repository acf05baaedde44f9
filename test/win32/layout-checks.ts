import type { FieldType, Struct } from "../../runtime/win32/ffi/structs.ts";

export interface Tables {
  structs: Readonly<Record<string, Struct>>;
  /** bigint: of 64 bits. */
  constants: Readonly<Record<string, number | bigint>>;
  /** Library -> function -> prototype. */
  prototypes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const SIZES: Readonly<Record<FieldType, number>> = { u16: 2, u32: 4, u64: 8, pointer: 8 };

const HEADERS = [
  "winsock2.h",
  "windows.h",
  "iphlpapi.h",
  "winternl.h",
  "winsvc.h",
  "userenv.h",
  "sddl.h",
  "psapi.h",
  "wtsapi32.h",
  "ntsecapi.h",
];

/** What the headers of mingw lack, in Microsoft's own words. */
const MISSING: Readonly<Record<string, string>> = {
  PROC_THREAD_ATTRIBUTE_JOB_LIST: "ProcThreadAttributeValue(13, FALSE, TRUE, FALSE)",
};

/** Declarations that the headers of mingw lack, as ntlsa.h and Microsoft's page of LogonUserExExW have them. */
const DECLARED = `
typedef enum { LsaSidNameMappingOperation_Add, LsaSidNameMappingOperation_Remove } LSA_SID_NAME_MAPPING_OPERATION_TYPE;
typedef struct {
  LSA_UNICODE_STRING DomainName;
  LSA_UNICODE_STRING AccountName;
  PSID Sid;
  ULONG Flags;
} LSA_SID_NAME_MAPPING_OPERATION_ADD_INPUT;
typedef struct {
  LSA_UNICODE_STRING DomainName;
  LSA_UNICODE_STRING AccountName;
} LSA_SID_NAME_MAPPING_OPERATION_REMOVE_INPUT;
NTSTATUS NTAPI LsaManageSidNameMapping(LSA_SID_NAME_MAPPING_OPERATION_TYPE, PVOID, PVOID *);
BOOL WINAPI LogonUserExExW(
  LPWSTR, LPWSTR, LPWSTR, DWORD, DWORD, PTOKEN_GROUPS, PHANDLE, PSID *, PVOID *, LPDWORD, PQUOTA_LIMITS);
`;

/** Error codes of the Windows SDK that mingw's headers lack; the SDK's winerror.h is the only witness. */
const UNKNOWN = new Set(["ERROR_VIRUS_INFECTED", "ERROR_ELEVATION_REQUIRED"]);

/** Number of parameters and size of the result; pointers and numbers of 8 bytes alike. */
interface Prototype {
  name: string;
  result: string;
  parameters: number;
}

/** What each file of checks begins with: Windows' headers, and what mingw's lack of them. */
export const preamble: string = [
  "#define _WIN32_WINNT 0x0A000008", // what mingw compares as if it were NTDDI_VERSION
  "#include <stddef.h>",
  "#include <stdint.h>",
  ...HEADERS.map((header) => `#include <${header}>`),
  DECLARED,
  ...Object.entries(MISSING).map(([name, value]) => `#ifndef ${name}\n#define ${name} ${value}\n#endif`),
].join("\n");

/** The rest of a C file that compiles only when every size, offset, value and number of parameters is what Windows' headers say. */
export function layoutChecks({ structs, constants, prototypes }: Tables): string {
  const lines = [
    ...Object.entries(structs).flatMap(([name, struct]) => structChecks(name, struct)),
    ...Object.entries(constants)
      .filter(([name]) => !UNKNOWN.has(name))
      .map(([name, value]) => constantCheck(name, value)),
    ...Object.values(prototypes).flatMap((functions) => Object.values(functions).flatMap(prototypeChecks)),
  ];
  return `${lines.join("\n")}\n`;
}

const constantCheck = (name: string, value: number | bigint): string =>
  typeof value === "bigint"
    ? assertion(`(uint64_t)(${name}) == ${value}ull`, name)
    : assertion(`(uint32_t)(${name}) == ${value >>> 0}u`, name);

export const countChecks = (source: string): number => source.match(/_Static_assert|^int arity_/gm)?.length ?? 0;

function structChecks(name: string, { size, header, fields }: Struct): string[] {
  const type = header ?? name;
  return [
    ...(size > 0 ? [assertion(`sizeof(${type}) == ${size}`, `size of ${name}`)] : []),
    ...Object.entries(fields)
      .filter(([, { unchecked }]) => unchecked === undefined)
      .flatMap(([field, { at, type: kind, header: member = field }]) => [
        assertion(`offsetof(${type}, ${member}) == ${at}`, `offset of ${name}.${field}`),
        assertion(`sizeof(((${type} *)0)->${member}) == ${SIZES[kind]}`, `size of ${name}.${field}`),
      ]),
  ];
}

/** A call with that many zeros, which turn into any type; it is compiled, never run. */
function prototypeChecks(text: string): string[] {
  const { name, result, parameters } = parsePrototype(text);
  const call = `${name}(${Array.from({ length: parameters }, () => "0").join(", ")})`;
  if (result === "void") return [`int arity_${name}(void) { ${call}; return 0; }`];
  return [assertion(`sizeof(${call}) == ${sizeOfResult(result)}`, `result of ${name}`)];
}

export function parsePrototype(text: string): Prototype {
  const match = /^(.*?[ *])(?:__stdcall +)?(\w+)\((.*)\)$/.exec(text);
  if (!match) throw new Error(`not a prototype: ${text}`);
  const [, result = "", name = "", list = ""] = match;
  const parameters = list.trim() === "" ? 0 : list.split(",").length;
  return { name, result: result.trim(), parameters };
}

function sizeOfResult(type: string): number {
  if (type.endsWith("*") || /intptr_t$|64_t$|^size_t$/.test(type)) return 8;
  return /16_t$/.test(type) ? 2 : 4;
}

const assertion = (condition: string, what: string): string => `_Static_assert(${condition}, "${what}");`;
