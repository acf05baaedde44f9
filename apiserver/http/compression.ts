import { promisify } from "node:util";
import { constants, createGzip, gzip } from "node:zlib";
import type { HttpRequest } from "./carrier.ts";

/** Bytes. Smaller bodies are not worth the time (the real server's limit). */
export const COMPRESS_FROM = 128 * 1024;

const LEVEL = { level: constants.Z_BEST_SPEED };
const asGzip = promisify(gzip);

export const compress = (bytes: Buffer): Promise<Buffer> => asGzip(bytes, LEVEL);

export const compressing = (): ReturnType<typeof createGzip> => createGzip(LEVEL);

export const takesGzip = ({ headers }: HttpRequest): boolean =>
  /(^|,)\s*gzip\s*(;\s*q=(1|0\.\d*[1-9]\d*))?\s*(,|$)/i.test(String(headers["accept-encoding"] ?? ""));
