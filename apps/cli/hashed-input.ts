/** A file of rows whose sha256 is taken while it is read. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type InputFile, openInputFile } from '#read-files';

/** `sha256`: of the whole file, once all its rows were read. */
export async function openHashedFile(path: string): Promise<{ readonly file: InputFile; readonly sha256: () => Promise<string> }> {
  const hash = createHash('sha256');
  let hashed = 0;
  const file = await openInputFile(path, (chunk) => {
    hash.update(chunk);
    hashed += chunk.length;
  });
  return {
    file,
    sha256: async () => {
      await pipeline(createReadStream(path, { start: hashed }), hash); // what may stand behind the end of a gzip file
      return hash.digest('hex');
    },
  };
}
