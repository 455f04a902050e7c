import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { browserSuite, launchBrowser } from "./need-browser.ts";
import { ALICE, ALICE_COINS, PageNetwork } from "./page-network.ts";
import { Visitor } from "./visitor.ts";

let browser: Browser;
let network: PageNetwork;

browserSuite("a wallet in the browser", () => {
  beforeAll(async () => {
    [browser, network] = await Promise.all([launchBrowser(), PageNetwork.start(["north", "south"])]);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await network[Symbol.asyncDispose]();
  });

  /** Makes a key of this name; its account. */
  async function makeKey({ page }: Visitor, name: string): Promise<string> {
    await page.getByLabel("Name", { exact: true }).first().fill(name);
    await page.getByRole("button", { name: "Make a key" }).click();
    const row = page.getByRole("row", { name: new RegExp(`^${name} `) });
    await row.waitFor();
    return (await row.getByRole("link").getAttribute("title")) ?? "";
  }

  test("coins are sent with a key that the browser made, and arrive on another node", async () => {
    await using visitor = await Visitor.come(browser);
    const { page } = visitor;
    await visitor.open(network.at(0).url, "wallet");
    await visitor.sees("This browser has no key for this node yet.");
    const mine = await makeKey(visitor, "mine");
    await network.submit(0, { kind: "transfer", recipient: mine, amount: 1_000n });
    await network.agree(await network.mine(0));
    await page.getByRole("row", { name: /^mine .* 1,000/ }).waitFor();

    await page.getByLabel("To", { exact: true }).fill(ALICE.publicKey);
    await page.getByLabel("Amount").fill("250");
    await page.getByLabel("Fee").fill("5");
    await page.getByRole("button", { name: "Sign and send" }).click();
    await visitor.sees("Signed and sent");
    await page.getByText("1 waiting").waitFor();
    await page.getByRole("button", { name: "Ask for mining" }).click();
    await page.getByRole("row", { name: /^mine .* 745/ }).waitFor();
    const { tip } = await network.at(0).status();
    await network.agree(tip);
    const there = await network.at(1).get<{ balance: string }>(`/accounts/${ALICE.publicKey}`);
    expect(BigInt(there.balance)).toBe(ALICE_COINS - 1_000n - 1n + 250n);
    expect(visitor.complaints).toEqual([]);
  });

  test("a secret is shown once, is taken back in another browser, and a key is forgotten when asked", async () => {
    await using first = await Visitor.come(browser);
    await first.open(network.at(0).url, "wallet");
    const account = await makeKey(first, "travels");
    const secret = await first.page.getByRole("textbox", { name: "Secret of travels" }).inputValue();
    await first.page.getByRole("button", { name: "I have kept it" }).click();
    await first.page.reload();
    await first.page.getByRole("row", { name: /^travels / }).waitFor();
    expect(await first.page.getByLabel("Secret of travels").count()).toBe(0);
    expect(await first.page.content()).not.toContain("PRIVATE KEY-----\nMC4");

    await using second = await Visitor.come(browser);
    await second.open(network.at(1).url, "wallet");
    await second.page.getByText("Bring a key that you have").click();
    const form = second.page.locator("details form");
    await form.getByLabel("Name").fill("arrived");
    await form.getByLabel("Secret, as PEM").fill(secret);
    await form.getByRole("button").click();
    const row = second.page.getByRole("row", { name: /^arrived / });
    expect(await row.getByRole("link").getAttribute("title")).toBe(account);
    expect(await form.getByLabel("Secret, as PEM").inputValue()).toBe("");
    second.page.on("dialog", (dialog) => void dialog.accept());
    await second.page.getByRole("button", { name: "Forget the key arrived" }).click();
    await row.waitFor({ state: "detached" });
    expect([...first.complaints, ...second.complaints]).toEqual([]);
  });

  test("what cannot be sent is said, and nothing is lost from the form", async () => {
    await using visitor = await Visitor.come(browser);
    const { page } = visitor;
    await visitor.open(network.at(0).url, "wallet");
    await makeKey(visitor, "poor");
    await page.getByLabel("To", { exact: true }).fill(ALICE.publicKey);
    await page.getByLabel("Amount").fill("1.5");
    await page.getByRole("button", { name: "Sign and send" }).click();
    await visitor.sees("The amount is a whole number of units.");
    await page.getByLabel("Amount").fill("12");
    await page.getByRole("button", { name: "Sign and send" }).click();
    await page.locator(".notice.bad").getByText("balance").waitFor();
    expect(await page.getByLabel("Amount").inputValue()).toBe("12");
    await page.getByLabel("Name", { exact: true }).first().fill("poor");
    await page.getByRole("button", { name: "Make a key" }).click();
    await visitor.sees("There is a key of the name poor already.");
  });
});
