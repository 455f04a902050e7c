import { FileKeyring } from "../../node/adapters/keyring/file-keyring.ts";
import { KeyFile } from "../../node/adapters/keyring/key-file.ts";
import { randomSigner, signerFromSecret } from "../../node/adapters/node-crypto.ts";

/** Makes keys one after the other until it is killed, and says of each, after it has signed with it, whose it is. Arguments: the file, a word for the names. */
const [path = "", word = ""] = process.argv.slice(2);
const file = KeyFile.open(path, signerFromSecret);
file.unlock(null);
const keyring = new FileKeyring(file, {
  nameCountMax: 1_000_000,
  own: randomSigner(),
  onMade: () => undefined,
  onFailure: (error) => {
    throw error;
  },
});
for (let index = 0; ; index += 1) {
  const name = `${word} ${index}`;
  const signer = keyring.signerOf(name);
  if ("error" in signer) throw new Error(signer.error);
  const signature = signer.sign(Buffer.from(name));
  // Synchronous on a pipe: said is said.
  process.stdout.write(`${JSON.stringify({ name, publicKey: signer.publicKey, signature })}\n`);
}
