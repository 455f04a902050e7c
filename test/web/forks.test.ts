import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserSuite, launchBrowser } from "./need-browser.ts";
import { PageNetwork } from "./page-network.ts";
import { Visitor } from "./visitor.ts";

let browser: Browser;
let network: PageNetwork;

browserSuite("forks are seen as they happen", () => {
  beforeAll(async () => {
    [browser, network] = await Promise.all([launchBrowser(), PageNetwork.start(["north", "south"])]);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await network[Symbol.asyncDispose]();
  });

  test("a fork appears during a partition, on the map and in the tree, and is resolved when it heals", async () => {
    await network.agree(await network.mine(0));
    await using tree = await Visitor.come(browser);
    await using map = await Visitor.come(browser);
    await tree.open(network.at(0).url, "tree");
    await map.open(network.at(0).url, "network");
    await map.sees("All 2 nodes that this one hears of have the same tip.");
    await tree.sees("No forks at these heights.");

    await network.part([0]);
    const lost = await network.mine(0);
    const kept = [await network.mine(1), await network.mine(1)];
    // Across the cut no block comes; that there is another tip does.
    await map.sees("2 nodes have 2 different tips.");
    await map.sees("not here yet: ahead, or another branch");
    await tree.page.locator(".tree .ghost").waitFor();
    expect(await tree.page.locator(".tree .mark.stale").count()).toBe(0);
    await tree.page.getByRole("link", { name: /^height 2, tip/ }).waitFor();

    await network.heal();
    await tree.page.locator(`.tree .mark.stale[data-hash="${lost}"]`).waitFor();
    for (const hash of kept) await tree.page.locator(`.tree .mark.best[data-hash="${hash}"]`).waitFor();
    await tree.page.locator(".tree .ghost").waitFor({ state: "detached" });
    await tree.sees("1 block gave way to 2");
    await tree.page
      .locator("#news")
      .getByText("Reorganisation: 1 block gave way to 2; height 3.")
      .waitFor({ state: "attached" });
    expect(await tree.page.locator("table tbody tr").count()).toBe(2);
    await map.sees("All 2 nodes that this one hears of have the same tip.");

    // The block that lost says so; its page is a click away.
    await tree.page.locator(`.tree .mark.stale[data-hash="${lost}"]`).click();
    await tree.sees("not on the best chain");
    expect([...tree.complaints, ...map.complaints]).toEqual([]);
  });

  test("the tree stays at its end while it grows, and where somebody has scrolled to", async () => {
    await using visitor = await Visitor.come(browser, { viewport: { width: 400, height: 800 } });
    for (let count = 0; count < 12; count += 1) await network.mine(0);
    await visitor.open(network.at(0).url, "tree");
    const left = () => visitor.page.locator("#tree-scroll").evaluate((each) => each.scrollLeft);
    const grow = async () => {
      const hash = await network.mine(0);
      await visitor.page.locator(`.tree .mark.tip[data-hash="${hash}"]`).waitFor();
    };
    await grow();
    await visitor.page.waitForFunction(
      "(() => { const at = document.getElementById('tree-scroll'); return at.scrollLeft + at.clientWidth > at.scrollWidth - 2; })()",
    );
    await visitor.page.locator("#tree-scroll").evaluate((each) => each.scrollTo(10, 0));
    await grow();
    expect(await left()).toBe(10);
  });
});
