import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import * as z from "zod";

/** Patience for anything that a page is to show, ms: the machine may be busy with other tests. */
const PATIENCE_MS = 20_000;

/** axe-core, as text that a page can run. */
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const axeResult = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** Somebody with a browser of their own, and everything that it complained about. */
export class Visitor {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(`console: ${message.text()}`);
    });
  }

  static async come(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    return new Visitor(context, await context.newPage());
  }

  /** Opens a page of a node, such as `board`, and waits until it is drawn. */
  async open(url: string, path = ""): Promise<void> {
    await this.page.goto(`${url}/#/${path}`);
    await this.page.locator("main h1").waitFor();
    await this.page.locator("main:not([aria-busy])").waitFor();
  }

  /** As a click on the menu does it: without loading the document again. */
  async follow(name: string): Promise<void> {
    await this.page
      .getByRole("navigation", { name: "Pages" })
      .getByRole("link", { name, exact: true })
      .click();
    await this.page.locator("main:not([aria-busy])").waitFor();
  }

  /** Waits until the text stands somewhere in the main part. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.locator("main").getByText(text).first().waitFor();
  }

  /** What axe-core finds wrong with the page as it is, one line each; empty if nothing. Rules of WCAG 2.2 AA and good practice. */
  async barriers(): Promise<string[]> {
    // Past the page's own policy, as an extension of the browser would run it.
    const found: unknown = await this.page.evaluate(`${AXE};
      axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) =>
        violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html }) => ({ html })) })))`);
    return axeResult
      .parse(found)
      .map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`,
      );
  }

  /** By how much the page is wider than the window, px. */
  async overflowPx(): Promise<number> {
    return Number(
      await this.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
