/**
 * Compressed batches of any producer are read: gzip by kafkajs itself; snappy in the block framing that Java producers
 * write (and bare, as librdkafka may); lz4 frames; zstd, read only, by Node's zlib where it has it and fzstd elsewhere.
 */
import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { decompress as fzstdDecompress } from 'fzstd';
import kafkajs from 'kafkajs';
import { TidewatchError } from '#contracts';

const require = createRequire(import.meta.url);
const snappy = require('snappy') as { compress(data: Buffer): Promise<Buffer>; uncompress(data: Buffer): Promise<Buffer> };
const lz4 = require('lz4-napi') as { compressFrame(data: Buffer): Promise<Buffer>; decompressFrame(data: Buffer): Promise<Buffer> };

/** Header of the framing: magic, version 1, lowest compatible version 1; then blocks of a 4-byte length and data. */
const BLOCK_HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
const MAGIC_BYTES = 8;

const snappyCodec = {
  async compress(encoder: { buffer: Buffer }): Promise<Buffer> {
    const block = await snappy.compress(encoder.buffer);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    return Buffer.concat([BLOCK_HEADER, length, block]);
  },
  async decompress(data: Buffer): Promise<Buffer> {
    if (!data.subarray(0, MAGIC_BYTES).equals(BLOCK_HEADER.subarray(0, MAGIC_BYTES))) return snappy.uncompress(data);
    const blocks: Buffer[] = [];
    for (let at = BLOCK_HEADER.length; at < data.length;) {
      const length = data.readUInt32BE(at);
      blocks.push(await snappy.uncompress(data.subarray(at + 4, at + 4 + length)));
      at += 4 + length;
    }
    return Buffer.concat(blocks);
  },
};

const lz4Codec = {
  compress: (encoder: { buffer: Buffer }) => lz4.compressFrame(encoder.buffer),
  decompress: (data: Buffer) => lz4.decompressFrame(data),
};

const nodeZstd = (zlib as { zstdDecompressSync?: (data: Buffer) => Buffer }).zstdDecompressSync;
const zstdCodec = {
  compress: () => Promise.reject(new TidewatchError('SETTING_INVALID', 'zstd is read, not written: choose gzip, snappy or lz4 for what Tidewatch produces.')),
  decompress: async (data: Buffer) => (nodeZstd === undefined ? Buffer.from(fzstdDecompress(data)) : nodeZstd(data)),
};

/** kafkajs keeps its codecs in one table for the process. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = () => snappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Codec;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstdCodec;
}
