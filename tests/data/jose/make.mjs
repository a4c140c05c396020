// Makes tokens.json: node make.mjs > tokens.json, with jose from npm beside it.
import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';

const now = 1_790_000_000;
const claims = { iss: 'https://shop.example/', aud: ['other', 'laurel'], sub: 'c-2002', exp: now + 3600, iat: now };
const keys = [];
const tokens = [];
const signer = async (alg, kid, extra = {}) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  keys.push({ ...(await exportJWK(publicKey)), kid, use: 'sig', ...extra });
  return privateKey;
};
const add = async (name, fault, key, alg, kid, payload = claims, header = {}) => tokens.push({
  name, fault, token: await new SignJWT(payload).setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header }).sign(key),
});

const rs = await signer('RS256', 'rs', { alg: 'RS256' });
const ps = await signer('PS256', 'ps', { alg: 'PS256' });
const es = await signer('ES256', 'es', { alg: 'ES256' });
const es384 = await signer('ES384', 'es384', { alg: 'ES384' });
const { privateKey: foreign } = await generateKeyPair('ES256');
const { privateKey: rs512 } = await generateKeyPair('RS512');

await add('RS256', null, rs, 'RS256', 'rs');
await add('PS256', null, ps, 'PS256', 'ps');
await add('ES256', null, es, 'ES256', 'es');
await add('audience alone', null, es, 'ES256', 'es', { ...claims, aud: 'laurel' });
await add('number as subject', null, es, 'ES256', 'es', { ...claims, sub: 2002 });
await add('no type', null, es, 'ES256', 'es', claims, { typ: undefined });
await add('foreign key under our name', 'Signature', foreign, 'ES256', 'es');
await add('unknown key', 'Key', foreign, 'ES256', 'foreign');
await add('key of another algorithm', 'Key', es, 'ES256', 'rs');
await add('ES384', 'Algorithm', es384, 'ES384', 'es384');
await add('RS512', 'Algorithm', rs512, 'RS512', 'rs');
await add('HMAC with the public modulus', 'Algorithm', new TextEncoder().encode(keys[0].n), 'HS256', 'rs');
tokens.push({ name: 'unsigned', fault: 'Malformed', token: new UnsecuredJWT(claims).encode() });
await add('another type', 'Type', es, 'ES256', 'es', claims, { typ: 'logout+jwt' });
await add('another issuer', 'Issuer', es, 'ES256', 'es', { ...claims, iss: 'https://shop.example' });
await add('no issuer', 'Issuer', es, 'ES256', 'es', { ...claims, iss: undefined });
await add('another audience', 'Audience', es, 'ES256', 'es', { ...claims, aud: ['other'] });
await add('no audience', 'Audience', es, 'ES256', 'es', { ...claims, aud: undefined });
await add('expired', 'Expired', es, 'ES256', 'es', { ...claims, exp: now - 60 });
await add('expired within the leeway', null, es, 'ES256', 'es', { ...claims, exp: now - 59 });
await add('no end', 'Expired', es, 'ES256', 'es', { ...claims, exp: undefined });
await add('not yet valid', 'NotYetValid', es, 'ES256', 'es', { ...claims, nbf: now + 61 });
await add('not yet valid within the leeway', null, es, 'ES256', 'es', { ...claims, nbf: now + 60 });
await add('no subject', 'Subject', es, 'ES256', 'es', { ...claims, sub: undefined });
await add('empty subject', 'Subject', es, 'ES256', 'es', { ...claims, sub: '' });

process.stdout.write(JSON.stringify({ now, keys, tokens }, null, 1) + '\n');
