import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserSuite, launchBrowser } from "./need-browser.ts";
import { PageNetwork } from "./page-network.ts";
import { Visitor } from "./visitor.ts";

let browser: Browser;
let network: PageNetwork;

browserSuite("board and bets", () => {
  beforeAll(async () => {
    [browser, network] = await Promise.all([launchBrowser(), PageNetwork.start(["north", "south"])]);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await network[Symbol.asyncDispose]();
  });

  async function write({ page }: Visitor, author: string, content: string): Promise<void> {
    await page.getByLabel("Author").fill(author);
    await page.getByLabel("Message").fill(content);
    await page.getByRole("button", { name: "Post", exact: true }).click();
  }

  async function mine({ page }: Visitor): Promise<void> {
    await page.getByRole("button", { name: "Ask for mining" }).click();
    await page.getByText(/^Block .* is mined\./).waitFor();
    await network.agree((await network.at(0).status()).tip);
  }

  const posts = async ({ page }: Visitor) =>
    await page
      .locator(".posts li")
      .evaluateAll((items) => items.map((item) => item.querySelector("p")?.textContent));

  test("a post is written, waits, is mined, and is read on another node, the newest first", async () => {
    await using north = await Visitor.come(browser);
    await using south = await Visitor.come(browser);
    await north.open(network.at(0).url, "board");
    await south.open(network.at(1).url, "board");
    await south.sees("No posts yet.");
    await write(north, "Ада", "the first,\nof two lines");
    await north.sees("Posted: it waits for a block.");
    await north.sees("waits for a block,");
    expect(await north.page.getByLabel("Message").inputValue()).toBe("");
    await mine(north);
    await write(north, "Grace", '<img src=x onerror="alert(1)"> & more');
    await north.page.locator(".posts li").nth(1).waitFor();
    await mine(north);
    // Nobody asked the other node's page: it hears of blocks.
    await south.page.locator(".posts li").nth(1).waitFor();
    expect(await posts(south)).toEqual(['<img src=x onerror="alert(1)"> & more', "the first,\nof two lines"]);
    await south.page.locator(".posts li").nth(1).getByText("Ада").waitFor();
    await south.page.locator(".posts li").nth(1).getByText("block 1").waitFor();
    expect([...north.complaints, ...south.complaints]).toEqual([]);
  });

  test("a post is signed with a key of the browser where its writer has one", async () => {
    await using visitor = await Visitor.come(browser);
    await visitor.open(network.at(0).url, "wallet");
    await visitor.page.getByLabel("Name", { exact: true }).first().fill("pen");
    await visitor.page.getByRole("button", { name: "Make a key" }).click();
    const account = await visitor.page
      .getByRole("row", { name: /^pen / })
      .getByRole("link")
      .getAttribute("title");
    await visitor.follow("Board");
    await visitor.page.getByLabel("Signed by").selectOption("pen");
    await write(visitor, "Ada", "by my own key");
    await visitor.sees("Signed and sent");
    await mine(visitor);
    const history = await network.at(1).get<{ history: { count: number } }>(`/accounts/${account}`);
    expect(history.history.count).toBe(1);
    expect(visitor.complaints).toEqual([]);
  });

  test("a bet is entered and found again by player, in any case, and by match", async () => {
    await using visitor = await Visitor.come(browser);
    const { page } = visitor;
    await visitor.open(network.at(0).url, "bets");
    const form = page.getByRole("form", { name: "Enter a bet" });
    await form.getByLabel("Player").fill("Ada");
    await form.getByLabel("Match").fill("final");
    await form.getByLabel("Score of team one").fill("2");
    await form.getByLabel("Score of team two").fill("1");
    await form.getByRole("button").click();
    await visitor.sees("Bet created and broadcast successfully.");
    await mine(visitor);
    const look = page.getByRole("form", { name: "Look up" });
    await look.getByLabel("Player").fill("aDA");
    await look.getByRole("button").click();
    await page.getByRole("row", { name: "Ada final 2 : 1 none" }).waitFor();
    await look.getByLabel("Player").fill("");
    await look.getByLabel("Match").fill("final");
    await look.getByRole("button").click();
    await page.getByRole("table", { name: "1 bet on final, in blocks" }).waitFor();
    await look.getByLabel("Match").fill("Final");
    await look.getByRole("button").click();
    await visitor.sees("No bets on Final are in a block.");
    expect(visitor.complaints).toEqual([]);
  });

  test("a stake is refused where nobody opened the match, and paid out when its result is published", async () => {
    await using visitor = await Visitor.come(browser);
    const { page } = visitor;
    await visitor.open(network.at(0).url, "wallet");
    await page.getByLabel("Name", { exact: true }).first().fill("bettor");
    await page.getByRole("button", { name: "Make a key" }).click();
    await page.getByText("Ask this node for coins").click();
    await page.getByLabel("Coins", { exact: true }).fill("2");
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await visitor.sees("Transaction will be added to Block");
    await mine(visitor);
    await page.getByRole("row", { name: /^bettor .* 100/ }).waitFor();

    await visitor.follow("Bets");
    const bet = page.getByRole("form", { name: "Enter a bet" });
    const stake = async () => {
      await bet.getByLabel("Player").fill("Bettor");
      await bet.getByLabel("Match").fill("derby");
      await bet.getByLabel("Score of team one").fill("0");
      await bet.getByLabel("Score of team two").fill("3");
      await bet.getByLabel("Stake in coins, if any").fill("1.5");
      await bet.getByLabel("Signed by").selectOption("bettor");
      await bet.getByRole("button").click();
    };
    await stake();
    await page.locator(".notice.bad").waitFor();
    await page.getByText("Open a match for stakes, or publish its result").click();
    const match = page.getByRole("form", { name: "Open a match or publish its result" });
    await match.getByLabel("Of match").fill("derby");
    await match.getByLabel("Opened by").fill("Referee");
    await match.getByRole("button").click();
    await page.locator(".notice.good").last().waitFor();
    await mine(visitor);
    await stake();
    await visitor.sees("Signed and sent");
    await mine(visitor);
    await match.getByLabel("What").selectOption("result");
    await match.getByLabel("Goals of team one").fill("0");
    await match.getByLabel("Goals of team two").fill("3");
    await match.getByRole("button").click();
    await page
      .getByText(/result/i)
      .last()
      .waitFor();
    await mine(visitor);
    await page.goto(`${network.at(0).url}/#/bets?match=derby`);
    await page.getByRole("row", { name: "Bettor derby 0 : 3 1.5" }).waitFor();
    await visitor.follow("Wallet");
    await page.getByRole("row", { name: /^bettor .* 100/ }).waitFor();
    expect(visitor.complaints.filter((each) => !each.includes("422"))).toEqual([]);
  });
});
