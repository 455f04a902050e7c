/** A file of an archive. Directories are made of the names by whoever unpacks it. */
export interface TarFile {
  /** Relative, `/` between folders, at most 255 bytes of which the last 100 or fewer follow a `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

const BLOCK_BYTES = 512;

/** An archive in the format ustar (POSIX.1-1988), every file with this owner and with no time, so that the same files give the same bytes. */
export function tarArchive(files: readonly TarFile[], owner: number): Buffer {
  const blocks = files.flatMap((file) => [header(file, owner), padded(file.content)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function header({ path, content, mode }: TarFile, owner: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const [prefix, name] = splitPath(path);
  block.write(name, 0, "utf8");
  block.write(octal(mode, 7), 100);
  block.write(octal(owner, 7), 108);
  block.write(octal(owner, 7), 116);
  block.write(octal(content.length, 11), 124);
  block.write(octal(0, 11), 136);
  // The sum counts its own place as spaces.
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\0" + "00", 257);
  block.write(prefix, 345, "utf8");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

/** A name of more than 100 bytes is cut at a `/`: what comes before goes to the field of the prefix. */
function splitPath(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ["", path];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name];
  }
  throw new Error(`${path} is too long a name for an archive`);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function padded(content: Uint8Array): Buffer {
  const block = Buffer.alloc(Math.ceil(content.length / BLOCK_BYTES) * BLOCK_BYTES);
  block.set(content);
  return block;
}
