import { EXIT_BAD_INPUT, WalletError } from "./wallet-error.ts";

const [CTRL_C, CTRL_D, CTRL_U, BACKSPACE, DELETE] = ["\u0003", "\u0004", "\u0015", "\b", "\u007f"];

/** Whether somebody is there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks on the terminal for one line and shows none of it. The question goes to stderr, since stdout may be a file. Ctrl-C gives up, as it would if the terminal
 * were not asked to hand over every key.
 */
export function askPassphrase(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const end = (settle: () => void) => {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      settle();
    };
    const take = (keys: string) => {
      for (const key of keys) {
        if (key === "\r" || key === "\n" || key === CTRL_D) return end(() => resolve(typed));
        if (key === CTRL_C) return end(() => reject(new WalletError("given up", EXIT_BAD_INPUT)));
        if (key === CTRL_U) typed = "";
        else if (key === BACKSPACE || key === DELETE) typed = [...typed].slice(0, -1).join("");
        else typed += key;
      }
    };
    stdin.on("data", take);
  });
}
