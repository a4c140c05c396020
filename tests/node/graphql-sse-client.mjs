// Operations over server-sent events as the client of graphql-sse, which is not ours, asks for them. Prints one line of JSON: what each answered.
//   node graphql-sse-client.mjs URL HEADERS OPERATION...
import { createClient } from "graphql-sse";

const [url, headers, ...operations] = process.argv.slice(2);
const client = createClient({ url, headers: JSON.parse(headers), retryAttempts: 0 });

const answersOf = async (query) => {
  const answers = [];
  try {
    for await (const answer of client.iterate({ query })) {
      answers.push(answer);
    }
  } catch (error) {
    answers.push({ failed: String(error) });
  }
  return answers;
};

console.log(JSON.stringify(await Promise.all(operations.map(answersOf))));
client.dispose();
