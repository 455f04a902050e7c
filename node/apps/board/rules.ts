import type { Application } from "../../core/rules/application.ts";
import { decodeBoardPost } from "./payload.ts";

/** The message board. A post costs its fee and does nothing else. */
export const BOARD: Application = {
  name: "board",
  check: (payload) => decodeBoardPost(payload).fault,
  apply: null,
};
