import { closeSync } from "node:fs";
import { Socket } from "node:net";
import type { Clock } from "../../../lib/clock.ts";
import { openPipe } from "../process/pipe.ts";
import { shareInput, shareOutput } from "../process/share-output.ts";
import { endWhenQuiet } from "./end-when-quiet.ts";
import type { ExecEnds } from "./exec-ends.ts";

/** A pipe for each stream. */
export function openPipeStreams({ stdin }: { stdin: boolean }, clock: Clock): ExecEnds {
  const theirs: number[] = [];
  const ours: number[] = [];
  try {
    const [input, output, errors] = [stdin ? openPipe() : undefined, openPipe(), openPipe()];
    if (input) {
      theirs.push(input.read);
      ours.push(input.write);
    }
    theirs.push(output.write, errors.write);
    ours.push(output.read, errors.read);
    const given = closing(theirs);
    const writer = input && new Socket({ fd: input.write, readable: false, writable: true });
    const stdout = new Socket({ fd: output.read, readable: true, writable: false });
    const stderr = new Socket({ fd: errors.read, readable: true, writable: false });
    const streams = [stdout, stderr, ...(writer ? [writer] : [])];
    for (const stream of streams) stream.on("error", () => {});
    return {
      theirs: {
        ...(input && { stdin: input.read }),
        stdout: output.write,
        stderr: errors.write,
        share: (credentials) => {
          shareOutput([output.write, errors.write], credentials);
          if (input) shareInput(input.read, credentials);
        },
      },
      given,
      ...(writer && { stdin: writer }),
      stdout,
      stderr,
      resize: () => {},
      finish: () => {
        for (const stream of [stdout, stderr]) void endWhenQuiet(stream, stream, clock);
      },
      destroy: () => {
        for (const stream of streams) stream.destroy();
      },
    };
  } catch (error) {
    closing([...theirs, ...ours])();
    throw error;
  }
}

const closing = (descriptors: number[]) => (): void => {
  for (const fd of descriptors.splice(0)) closeSync(fd);
};
