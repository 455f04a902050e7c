import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { invariant } from "../../node/core/support/invariant.ts";

/** Runs that started in one second with one seed; more is a loop that should name its folders itself. */
const SAME_SECOND_MAX = 100;

/**
 * Makes `<root>/<name>/<run>/` and its `logs/`, and gives its path. `<run>` is the start in UTC and the seed, such as
 * `20260314-092653-seed-42`, so that folders sort by time; a number is added if that one exists.
 */
export async function createRunFolder(
  root: string,
  name: string,
  seed: string,
  startedAt: Date,
): Promise<string> {
  const stamp = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replaceAll(/[-:]/g, "")
    .replace("T", "-");
  const parent = join(root, fileName(name));
  await mkdir(parent, { recursive: true });
  for (let copy = 1; copy <= SAME_SECOND_MAX; copy++) {
    const folder = join(parent, `${stamp}-seed-${fileName(seed)}${copy === 1 ? "" : `-${copy}`}`);
    if (!(await makeFolder(folder))) continue;
    await mkdir(join(folder, "logs"));
    return folder;
  }
  throw new Error(`${parent} has ${SAME_SECOND_MAX} runs of this second already`);
}

/**
 * Points `latest`, beside the run's folder, at it. Made under another name and renamed, so there is never a moment
 * without a `latest`; the link is relative, so the results can be moved.
 */
export async function switchLatest(runFolder: string): Promise<void> {
  const link = join(dirname(runFolder), "latest");
  const fresh = `${link}.${process.pid}.tmp`;
  await rm(fresh, { force: true });
  await symlink(basename(runFolder), fresh);
  await rename(fresh, link);
}

/** False if there is one already. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Names and seeds come from a scenario file; nothing of theirs may leave the folder. */
function fileName(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^\.+/, "");
  invariant(safe !== "", `${JSON.stringify(text)} leaves nothing to name a folder by`);
  return safe;
}
