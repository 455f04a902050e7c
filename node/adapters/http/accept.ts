/**
 * Whether a client names HTML among what it accepts, as browsers do. One that takes anything does not: programs that ask a node for JSON say
 * that, or nothing.
 */
export function takesHtml(accept: string): boolean {
  return accept.split(",").some((part) => {
    const [type = "", ...parameters] = part.split(";").map((each) => each.trim().toLowerCase());
    return type === "text/html" && !parameters.some((each) => /^q=0(\.0*)?$/.test(each));
  });
}
