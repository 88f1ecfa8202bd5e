/** Arrays and a few numbers as one file, so that a training that was stopped goes on where it was. Written beside and renamed. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TidewatchError } from '#contracts';

export interface Checkpoint<Numbers> {
  readonly numbers: Numbers;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

export function writeCheckpoint<Numbers>(path: string, { numbers, arrays }: Checkpoint<Numbers>): void {
  const names = Object.keys(arrays);
  const head = Buffer.from(JSON.stringify({ numbers, arrays: names.map((name) => [name, arrays[name]!.length]) }));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, Buffer.concat([size, head, ...names.map((name) => Buffer.from(arrays[name]!.buffer, arrays[name]!.byteOffset, arrays[name]!.byteLength))]));
  renameSync(`${path}.new`, path);
}

/** null where there is none. */
export function readCheckpoint<Numbers>(path: string): Checkpoint<Numbers> | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const headSize = bytes.readUInt32LE(0);
  try {
    const head = JSON.parse(bytes.toString('utf8', 4, 4 + headSize)) as { numbers: Numbers; arrays: [string, number][] };
    let at = 4 + headSize;
    const arrays: Record<string, Float32Array> = {};
    for (const [name, length] of head.arrays) {
      arrays[name] = new Float32Array(Uint8Array.from(bytes.subarray(at, at + length * 4)).buffer);
      at += length * 4;
    }
    return { numbers: head.numbers, arrays };
  } catch (cause) {
    throw new TidewatchError('INPUT_FILE_INVALID', 'the file of the stopped training cannot be read: train again without --resume', { cause });
  }
}

export function dropCheckpoint(path: string): void {
  rmSync(path, { force: true });
}
