// Access tokens as jose, which is not ours, reads and makes them. Prints one line of JSON.
//   node tokens.mjs verify KEY_SET_URL TOKEN
//   node tokens.mjs verify-shared SECRET TOKEN
//   node tokens.mjs sign-shared SECRET TOKEN ALGORITHM   the claims and the kid of a token, signed anew
//   node tokens.mjs unsigned TOKEN                       the claims of a token, signed by nobody
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, UnsecuredJWT } from "jose";

const expected = { issuer: "laurel", audience: "laurel", typ: "JWT" };
const secretOf = (text) => new TextEncoder().encode(text);
const [verb, first, second, third] = process.argv.slice(2);

const verbs = {
  async verify() {
    const keys = createRemoteJWKSet(new URL(first));
    return (await jwtVerify(second, keys, { ...expected, algorithms: ["ES256"] })).payload;
  },
  async "verify-shared"() {
    return (await jwtVerify(second, secretOf(first), { ...expected, algorithms: ["HS256"] })).payload;
  },
  async "sign-shared"() {
    const { kid } = decodeProtectedHeader(second);
    return { token: await new SignJWT(decodeJwt(second)).setProtectedHeader({ alg: third, typ: "JWT", kid }).sign(secretOf(first)) };
  },
  async unsigned() {
    return { token: new UnsecuredJWT(decodeJwt(first)).encode() };
  },
};

try {
  console.log(JSON.stringify(await verbs[verb]()));
} catch (error) {
  console.log(JSON.stringify({ refused: error.code ?? String(error) }));
}
