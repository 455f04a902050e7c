import { createWriteStream, type WriteStream } from "node:fs";
import { Writable } from "node:stream";

/** Of one life's log: a node that logs more is in a loop, and the disk is the run's. */
const LOG_BYTES_MAX = 32 * 1024 * 1024;

/** Appends to a file until the bound is reached; the rest is dropped, and the file says so. Safe to be given more after it was ended. */
export function boundedLog(path: string, bytesMax = LOG_BYTES_MAX): Writable {
  const file: WriteStream = createWriteStream(path, { flags: "a" });
  let bytes = 0;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const room = bytesMax - bytes;
      bytes += chunk.length;
      if (room <= 0) return done();
      if (chunk.length <= room) return void file.write(chunk, done);
      file.write(chunk.subarray(0, room));
      file.write(`\n(the rest of this log, beyond ${bytesMax} bytes, is dropped)\n`, done);
    },
    final: (done) => void file.end(done),
  });
}
