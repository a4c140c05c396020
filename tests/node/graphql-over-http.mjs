// GraphQL over HTTP as graphql-http, which is not ours, audits it. Prints one line of JSON: how many audits there are, how many are met, and the others.
//   node graphql-over-http.mjs URL
import { auditServer } from "graphql-http";

const [url] = process.argv.slice(2);
const results = await auditServer({ url });
const met = results.filter(({ status }) => status === "ok").length;
const others = results.filter(({ status }) => status !== "ok").map(({ id, name, status, reason }) => ({ id, name, status, reason }));
console.log(JSON.stringify({ total: results.length, met, others }));
