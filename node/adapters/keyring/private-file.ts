import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { SecretError } from "./secret-error.ts";

/** Rights of group and others, any of them. */
const RIGHTS_OF_OTHERS = 0o077;

/** Some ten times what the most keys take that are ever kept; what is larger is not ours. */
const FILE_BYTES_MAX = 32 * 1024 * 1024;

/** Windows keeps rights elsewhere, shows all files as open to everyone, and syncs no folder. */
const HAS_MODES = process.platform !== "win32";

/**
 * The text of a file that its owner alone may read; null if there is none. Throws a `SecretError` where others may read it: by then it is no secret,
 * and whoever runs this should know. The rights are asked of the opened file, so that no other can take its place in between.
 */
export function readPrivateFile(path: string, whatItHolds: string, bytesMax = FILE_BYTES_MAX): string | null {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new SecretError(`${path} cannot be read: ${String(error)}`);
  }
  try {
    const { mode, size } = fstatSync(fd);
    if (HAS_MODES && (mode & RIGHTS_OF_OTHERS) !== 0)
      throw new SecretError(
        `${path} holds ${whatItHolds}, and others may get at it (its mode is ${(mode & 0o777).toString(8).padStart(4, "0")}): make it yours alone with chmod 600 ${path}`,
      );
    if (size > bytesMax)
      throw new SecretError(`${path} has ${size} bytes; ${whatItHolds} has ${bytesMax} at most`);
    return readFileSync(fd, "utf8");
  } catch (error) {
    if (error instanceof SecretError) throw error;
    throw new SecretError(`${path} cannot be read: ${String(error)}`);
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts a text in place of the file, for its owner alone to read (mode 0600). A crash at any moment leaves the old file or the new one; when this returns, the
 * new one is on the disk, and stays there through a loss of power. Throws a `SecretError`; the old one is there then.
 */
export function writePrivateFile(path: string, text: string): void {
  const beside = `${path}.new`;
  try {
    // What a crash left there would keep its own rights, and what somebody else put there might lead elsewhere.
    rmSync(beside, { force: true });
    const fd = openSync(beside, "wx", 0o600);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
    if (HAS_MODES) syncFolder(dirname(path));
  } catch (error) {
    throw new SecretError(`${path} cannot be written: ${String(error)}`);
  }
}

/** Otherwise the file may outlive a loss of power, and its new name may not. */
function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
