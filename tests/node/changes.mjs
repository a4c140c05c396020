// What a new version of a schema does to clients of the old one, as graphql-js, which is not ours, finds it. Each line of the input is the
// old schema and the new one, both as UTF-16 in base64. Each line of the output is a list of changes: kind and words, sorted.
import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges, findDangerousChanges } from "graphql";

const schemaOf = (encoded) => buildSchema(Buffer.from(encoded, "base64").toString("utf16le"));

for (const line of readFileSync(0, "utf8").trimEnd().split("\n")) {
  const [before, after] = line.split(" ").map(schemaOf);
  const breaking = findBreakingChanges(before, after).map(({ type, description }) => `breaking ${type} ${description}`);
  const dangerous = findDangerousChanges(before, after).map(({ type, description }) => `dangerous ${type} ${description}`);
  console.log(JSON.stringify([...breaking, ...dangerous].sort()));
}
