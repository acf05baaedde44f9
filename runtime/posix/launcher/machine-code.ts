/**
 * The launcher: a program that plays a list of system calls and nothing else. What stands in the list is decided in TypeScript (`launch-calls.ts`);
 * here is only the loop, since between dropping root and executing the workload no code of ours may run that needs a library, a
 * heap or an environment. It is too small to need a compiler (docs/decisions/0016). For each architecture the instructions are on the left as
 * the processor reads them and on the right as the assembler does; a test assembles the right side again where there is an assembler.
 *
 * 1. It maps descriptor 3 (the list, `call-list.ts`) at `LIST_ADDRESS`, privately and read-only.
 * 2. It makes each call: number, six arguments, and whether it may fail. A call that succeeds goes on to the next.
 * 3. At a call that must not fail and does it writes where it was and the error number to descriptor 4, and ends with 127. The last call is
 *    execve: when that succeeds nothing of this is left.
 */
export const LIST_ADDRESS = 0x1000_0000;
/** Larger than any list: the kernel takes 6 MiB of arguments and environment at most. */
export const LIST_LENGTH = 0x100_0000;
export const LIST_FD = 3;
export const REPORT_FD = 4;
/** Where the start is held back (`placement.ts`). */
export const GATE_FD = 5;
/** Bytes of one call: its number, six arguments, and 1 when it may fail. */
export const SIZEOF_CALL = 64;
/** Bytes of the report: the address after the failed call, and minus the error number. */
export const SIZEOF_REPORT = 16;

interface MachineCode {
  /** `e_machine` of the ELF header. */
  machine: number;
  /** Bytes in hexadecimal, then the instruction. */
  listing: readonly (readonly [bytes: string, instruction: string])[];
}

const x64: MachineCode = {
  machine: 62,
  listing: [
    ["b809000000", "mov eax, 9"], // mmap
    ["bf00000010", "mov edi, 0x10000000"], // LIST_ADDRESS
    ["be00000001", "mov esi, 0x1000000"], // LIST_LENGTH
    ["ba01000000", "mov edx, 1"], // PROT_READ
    ["41ba12000000", "mov r10d, 0x12"], // MAP_PRIVATE | MAP_FIXED
    ["41b803000000", "mov r8d, 3"], // LIST_FD
    ["4531c9", "xor r9d, r9d"],
    ["0f05", "syscall"],
    ["bb00000010", "mov ebx, 0x10000000"],
    ["488b03", "next: mov rax, [rbx]"],
    ["488b7b08", "mov rdi, [rbx+8]"],
    ["488b7310", "mov rsi, [rbx+16]"],
    ["488b5318", "mov rdx, [rbx+24]"],
    ["4c8b5320", "mov r10, [rbx+32]"],
    ["4c8b4328", "mov r8, [rbx+40]"],
    ["4c8b4b30", "mov r9, [rbx+48]"],
    ["0f05", "syscall"],
    ["4883c340", "add rbx, 64"],
    ["483d01f0ffff", "cmp rax, -4095"], // the last page of numbers are errors
    ["72d7", "jb next"],
    ["48837bf800", "cmp qword ptr [rbx-8], 0"], // may it fail?
    ["75d0", "jne next"],
    ["50", "push rax"],
    ["53", "push rbx"],
    ["b801000000", "mov eax, 1"], // write
    ["bf04000000", "mov edi, 4"], // REPORT_FD
    ["4889e6", "mov rsi, rsp"],
    ["ba10000000", "mov edx, 16"], // SIZEOF_REPORT
    ["0f05", "syscall"],
    ["b8e7000000", "mov eax, 231"], // exit_group
    ["bf7f000000", "mov edi, 127"],
    ["0f05", "syscall"],
  ],
};

const arm64: MachineCode = {
  machine: 183,
  listing: [
    ["c81b80d2", "mov x8, #222"], // mmap
    ["0000a2d2", "mov x0, #0x10000000"], // LIST_ADDRESS
    ["0120a0d2", "mov x1, #0x1000000"], // LIST_LENGTH
    ["220080d2", "mov x2, #1"], // PROT_READ
    ["430280d2", "mov x3, #0x12"], // MAP_PRIVATE | MAP_FIXED
    ["640080d2", "mov x4, #3"], // LIST_FD
    ["050080d2", "mov x5, #0"],
    ["010000d4", "svc #0"],
    ["1300a2d2", "mov x19, #0x10000000"],
    ["680240a9", "next: ldp x8, x0, [x19]"],
    ["610a41a9", "ldp x1, x2, [x19, #16]"],
    ["631242a9", "ldp x3, x4, [x19, #32]"],
    ["655243a9", "ldp x5, x20, [x19, #48]"],
    ["010000d4", "svc #0"],
    ["73020191", "add x19, x19, #64"],
    ["1ffc3fb1", "cmn x0, #4095"], // the last page of numbers are errors
    ["23ffff54", "b.lo next"],
    ["14ffffb5", "cbnz x20, next"], // may it fail?
    ["f303bfa9", "stp x19, x0, [sp, #-16]!"],
    ["080880d2", "mov x8, #64"], // write
    ["800080d2", "mov x0, #4"], // REPORT_FD
    ["e1030091", "mov x1, sp"],
    ["020280d2", "mov x2, #16"], // SIZEOF_REPORT
    ["010000d4", "svc #0"],
    ["c80b80d2", "mov x8, #94"], // exit_group
    ["e00f80d2", "mov x0, #127"],
    ["010000d4", "svc #0"],
  ],
};

/** By Node's name of the architecture; on others there is no launcher. */
export const machineCodes: Readonly<Record<string, MachineCode>> = { x64, arm64 };
