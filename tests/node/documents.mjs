// Documents of GraphQL as graphql-js, which is not ours, reads them. Each line of the input is a document and, where we could read it, how
// we print it, both as UTF-16 in base64. Each line of the output is "read", "read otherwise" if the print says something else, or the
// place of the fault and its words.
import { readFileSync } from "node:fs";
import { parse, print } from "graphql";

const textOf = (encoded) => Buffer.from(encoded, "base64").toString("utf16le");

for (const line of readFileSync(0, "utf8").trimEnd().split("\n")) {
  const [document, printed] = line.split(" ");
  let answer;
  try {
    const read = print(parse(textOf(document)));
    answer = printed === undefined || print(parse(textOf(printed))) === read ? "read" : "read otherwise";
  } catch (fault) {
    const [place] = fault.locations;
    answer = `${place.line}:${place.column} ${fault.message.replaceAll("\n", "\\n").replaceAll("\r", "\\r")}`;
  }
  console.log(answer);
}
