import { expect, test } from "vitest";
import { takesHtml } from "./accept.ts";

test.each([
  "text/html",
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "application/json;q=0.9, TEXT/HTML ; q=0.1",
])("%s names HTML", (accept) => {
  expect(takesHtml(accept)).toBe(true);
});

test.each(["", "*/*", "application/json", "text/*", "text/html;q=0", "text/html; q=0.000", "text/htmlx"])(
  "%j does not",
  (accept) => {
    expect(takesHtml(accept)).toBe(false);
  },
);
