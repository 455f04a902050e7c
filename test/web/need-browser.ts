import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { describe, test } from "vitest";

/** Where distributions put it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser of FORKLAB_CHROMIUM, or one that is installed; null if there is none. */
export const CHROMIUM: string | null =
  process.env.FORKLAB_CHROMIUM ?? PLACES.find((path) => existsSync(path)) ?? null;

const HOW = "apt-get install chromium, or name one in FORKLAB_CHROMIUM";

/**
 * A suite that looks at pages in a real browser. Without one it is skipped, and says so; in continuous integration (CI=true), where nobody reads
 * what was skipped, a missing browser is a failed test.
 */
export function browserSuite(name: string, body: () => void): void {
  if (CHROMIUM !== null) return void describe(name, body);
  if (process.env.CI === "true")
    return void test(`${name}: has a browser`, () => {
      throw new Error(`continuous integration needs a browser: ${HOW}`);
    });
  console.log(`skipped, since there is no Chromium (${HOW}): ${name}`);
  describe.skip(name, body);
}

/** A new process of the browser. As root, and in containers, its sandbox cannot be had; it sees our own pages alone. */
export async function launchBrowser(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error(`no Chromium: ${HOW}`);
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}
