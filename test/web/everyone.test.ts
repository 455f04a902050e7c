import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserSuite, launchBrowser } from "./need-browser.ts";
import { ALICE, PageNetwork } from "./page-network.ts";
import { Visitor } from "./visitor.ts";

let browser: Browser;
let network: PageNetwork;
/** Every page, with something on it. */
let paths: string[] = [];

browserSuite("the pages are for everyone", () => {
  beforeAll(async () => {
    [browser, network] = await Promise.all([launchBrowser(), PageNetwork.start(["north", "south"])]);
    const long = "a-word-that-is-far-too-long-for-any-line-".repeat(10);
    const id = await network.submit(0, { kind: "post", text: long });
    const hash = await network.mine(0);
    await network.agree(hash);
    await network.submit(0, { kind: "post", text: "waits" });
    paths = ["", "blocks", `blocks/${hash}`, `transactions/${id}`, `accounts/${ALICE.publicKey}`];
    paths.push("tree", "network", "board", "wallet", "bets", "nowhere");
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await network[Symbol.asyncDispose]();
  });

  test.each(["light", "dark"] as const)("axe-core finds no barrier on any page, %s", async (colorScheme) => {
    await using visitor = await Visitor.come(browser, { colorScheme, bypassCSP: true });
    for (const path of paths) {
      await visitor.open(network.at(0).url, path);
      expect([path, await visitor.barriers()]).toEqual([path, []]);
    }
  });

  test("axe-core would find a barrier: a field without a label, text that is too faint", async () => {
    await using visitor = await Visitor.come(browser, { bypassCSP: true });
    await visitor.open(network.at(0).url, "board");
    await visitor.page.evaluate(`
      document.querySelector("label[for=author]").remove();
      document.querySelector("h1").style.color = "#ddd";`);
    expect((await visitor.barriers()).map((each) => each.split(":")[0]).sort()).toEqual([
      "color-contrast",
      "label",
    ]);
  });

  test("no page is wider than a window of 400 px, or complains", async () => {
    await using visitor = await Visitor.come(browser, { viewport: { width: 400, height: 800 } });
    for (const path of paths) {
      await visitor.open(network.at(0).url, path);
      expect([path, await visitor.overflowPx()]).toEqual([path, 0]);
    }
    expect(visitor.complaints).toEqual([]);
  });

  test("everything is reached by keyboard: past the menu, through it, and from block to block in the tree", async () => {
    await using visitor = await Visitor.come(browser);
    const { page } = visitor;
    const focused = () => page.evaluate("document.activeElement?.textContent?.trim() ?? ''");
    const isFocusSeen = () =>
      page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle !== 'none' || document.activeElement.matches('main, h1')",
      );
    await visitor.open(network.at(0).url);
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.querySelector('main').contains(document.activeElement)")).toBe(true);

    await page.goto("about:blank");
    await visitor.open(network.at(0).url, "blocks");
    const seen: unknown[] = [];
    for (let presses = 0; presses < 30 && seen.at(-1) !== "Block tree"; presses += 1) {
      await page.keyboard.press("Tab");
      expect(await isFocusSeen()).toBe(true);
      seen.push(await focused());
    }
    expect(seen).toContain("Find");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Block tree" }).waitFor();
    // Whoever hears the page is told that it is another one.
    await page.waitForFunction("document.activeElement?.textContent === 'Block tree'");
    expect(await page.title()).toBe("Block tree · north");

    await page.getByRole("link", { name: /^height 1, tip/ }).focus();
    await page.keyboard.press("ArrowLeft");
    expect(await page.evaluate("document.activeElement?.getAttribute('aria-label')")).toMatch(
      /^height 0, best chain/,
    );
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Block 1" }).waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test("text in the address or from users makes no markup: the policy would refuse it, and is never asked to", async () => {
    await using visitor = await Visitor.come(browser);
    await network.submit(0, { kind: "post", text: '"><script>alert(1)</script><b onclick=x>' });
    for (const path of [
      "",
      "bets?player=%3Cimg%20src%3Dx%3E",
      "blocks/%3Cscript%3E",
      "transactions/%22%3E%3Cb%3E",
      "%3Cb%3E/%zz",
    ]) {
      await visitor.page.goto("about:blank");
      await visitor.open(network.at(0).url, path);
      expect(
        await visitor.page.evaluate(
          "document.querySelectorAll('main img, main script, main b[onclick]').length",
        ),
      ).toBe(0);
    }
    expect(visitor.complaints.filter((each) => !/status of 40[04]/.test(each))).toEqual([]);
  });
});
