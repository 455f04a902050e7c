/** Applications with a page, each in `page.js` of the folder `web` of the application's own: `/web/board/page.js` is node/apps/board/web/page.js. */
const PAGES_OF: readonly string[] = ["bets", "board", "coin"];

/**
 * The files of the pages, each by its folder and name: nothing else below /web is served, whatever a path says. The folders are those of
 * node/web, and `lit`, which is the library's; a test holds both lists to what is there.
 */
const FILES: Readonly<Record<string, readonly string[]>> = {
  chain: [
    "coins.js",
    "header-bytes.js",
    "hex.js",
    "inclusion-proof.js",
    "merkle-path.js",
    "target.js",
    "tip-groups.js",
    "tree-layout.js",
  ],
  lit: ["lit-html.js"],
  pages: [
    "account.js",
    "block.js",
    "blocks.js",
    "network.js",
    "overview.js",
    "parts.js",
    "signer-choice.js",
    "transaction.js",
    "tree-picture.js",
    "tree.js",
  ],
  shell: [
    "api.js",
    "browser-keys.js",
    "connection.js",
    "find.js",
    "format.js",
    "icon.svg",
    "live-events.js",
    "main.js",
    "page-life.js",
    "router.js",
    "style.css",
  ],
  signing: [
    "bytes.js",
    "hex.js",
    "invariant.js",
    "key-shelf.js",
    "make-key.js",
    "sign-transaction.js",
    "signing-error.js",
    "transaction-bytes.js",
    "transaction-json.js",
  ],
};

export const TYPE_OF_EXTENSION: ReadonlyMap<string, string> = new Map([
  ["js", "text/javascript; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
  ["svg", "image/svg+xml"],
  ["html", "text/html; charset=utf-8"],
]);

/** The one document; all else is loaded from it. */
export const DOCUMENT = new URL("../../web/index.html", import.meta.url);

/** The build for browsers, which the package's exports hide from Node.js. */
const LIBRARY = new URL("../../../node_modules/lit-html/", import.meta.url);

const PLACES: ReadonlyMap<string, URL> = new Map([
  ...Object.entries(FILES).flatMap(([folder, files]) =>
    files.map((file): [string, URL] => [
      `${folder}/${file}`,
      folder === "lit" ? new URL(file, LIBRARY) : new URL(`../../web/${folder}/${file}`, import.meta.url),
    ]),
  ),
  ...PAGES_OF.map((app): [string, URL] => [
    `${app}/page.js`,
    new URL(`../../apps/${app}/web/page.js`, import.meta.url),
  ]),
]);

/** Every file below /web, as `folder/file`. */
export const WEB_FILES: readonly string[] = [...PLACES.keys()];

/** Where a file of the pages is on the disk; null if there is none of this name. */
export function webFile(folder: string, file: string): URL | null {
  return PLACES.get(`${folder}/${file}`) ?? null;
}
