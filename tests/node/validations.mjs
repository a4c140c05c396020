// Documents of GraphQL as graphql-js, which is not ours, validates them. The first line of the input is a schema, each other line a
// document, as UTF-16 in base64. Each line of the output is a list of errors: message and places, sorted.
import { readFileSync } from "node:fs";
import { buildSchema, parse, specifiedRules, validate } from "graphql";

const textOf = (encoded) => Buffer.from(encoded, "base64").toString("utf16le");
const [schemaText, ...documents] = readFileSync(0, "utf8").trimEnd().split("\n").map(textOf);
const schema = buildSchema(schemaText);

for (const document of documents) {
  const errors = validate(schema, parse(document), specifiedRules, { maxErrors: 1_000_000 });
  const described = errors.map(({ message, locations }) => `${message} (${locations.map((place) => `${place.line}:${place.column}`).join(" ")})`);
  console.log(JSON.stringify(described.sort()));
}
