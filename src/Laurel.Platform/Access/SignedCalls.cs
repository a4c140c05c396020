using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Laurel.Platform.Access;

/// <summary>Admits calls by their signatures. Only signed calls pay for it: a look-up in memory, two hashes and a row of the database.</summary>
/// <remarks>The header alone is judged first, so that nobody without the secret makes this node read a body. The digest of the body and the nonce
/// come when everything else has admitted the call, before its endpoint begins (docs/adr/0086).</remarks>
public sealed class SignedCalls(IApiKeyStore store, LaneSet lanes, TimeProvider clock)
{
    /// <summary>How far a timestamp may be from the node's clock, in either direction.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>How long a nonce is remembered at the least: a call may be admitted that long after it was signed.</summary>
    public static readonly TimeSpan NoncesKept = 2 * Tolerance;

    /// <summary>Signing keys that are remembered at the most.</summary>
    private const int KeysMax = 4_096;

    private readonly NonceKind _kind = new();
    private ConcurrentDictionary<long, Known> _keys = new();

    private sealed record Known(SigningKey Key, long ReadAt);

    /// <summary>Who called, or why the call is refused. Of a refused call the actor is whose key it names, if any.</summary>
    internal readonly record struct SignedJudgement(Actor? Actor, SignedCall? Call, Refusal? Refusal);

    /// <summary>Told of every call that was admitted by its header; null tells nobody.</summary>
    public Action<Actor>? Used { get; init; }

    /// <summary>Forgets all keys, so that the next call of each asks the store.</summary>
    public void Forget() => Volatile.Write(ref _keys, new());

    /// <summary>Whether a request is a signed call.</summary>
    public static bool IsSigned(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(SignedCall.Algorithm, StringComparison.Ordinal);

    /// <summary>Judges a call by its header.</summary>
    internal async ValueTask<SignedJudgement> JudgeAsync(HttpContext context)
    {
        var call = SignedCall.Parse(context.Request.Headers.Authorization.ToString()[SignedCall.Algorithm.Length..]);
        var key = call is null ? null : await FindAsync(call.Key, context.RequestAborted);
        if (key is null || SignerOf(key, call!, context) is not { } actor)
        {
            return new SignedJudgement(key?.Actor, null, new Refusal(ErrorCode.SignatureInvalid));
        }

        var apart = Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - call!.Timestamp);
        if (apart > (long)Tolerance.TotalSeconds)
        {
            return new SignedJudgement(actor, null, new Refusal(ErrorCode.SignatureStale, ("tolerance", (long)Tolerance.TotalSeconds)));
        }

        Used?.Invoke(actor);
        return new SignedJudgement(actor, call, null);
    }

    /// <summary>Reads the body and admits the call, which is never admitted again; the body can then be read as any other.</summary>
    /// <returns>Null when it is admitted.</returns>
    internal async Task<Refusal?> AdmitAsync(HttpContext context, Actor actor, SignedCall call)
    {
        var body = await ReadAsync(context);
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(body), call.Digest))
        {
            return new Refusal(ErrorCode.SignatureInvalid);
        }

        context.Request.Body = new MemoryStream(body, writable: false);
        return await lanes.SubmitAsync(new SpendNonce(actor.Tenant, call, _kind), context.RequestAborted) switch
        {
            Outcome.Applied => null,
            Outcome.Refused refused => refused.Refusal,
            Outcome.Failed failed => failed.Refusal,
            var other => throw new InvariantBrokenException($"A {other.GetType().Name} is of calls with keys."),
        };
    }

    /// <summary>Who has signed; null when nobody has who has the key.</summary>
    private Actor? SignerOf(SigningKey key, SignedCall call, HttpContext context)
    {
        var (method, target) = (context.Request.Method, TargetOf(context));
        var isByPrevious = key.Previous is { } previous && key.PreviousUntil > Instant.Now(clock) && call.IsSignedBy(previous, method, target);
        return call.IsSignedBy(key.Secret, method, target) ? key.Actor : isByPrevious ? key.PreviousActor : null;
    }

    /// <summary>Path and query as they came: what a router or a decoder would make of them was not signed.</summary>
    private static string TargetOf(HttpContext context) => context.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw
        ? raw.StartsWith('/') ? raw : Uri.TryCreate(raw, UriKind.Absolute, out var url) ? url.PathAndQuery : raw
        : context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent();

    private async ValueTask<SigningKey?> FindAsync(long id, CancellationToken cancellationToken)
    {
        var keys = Volatile.Read(ref _keys);
        if (!keys.TryGetValue(id, out var known) || clock.GetElapsedTime(known.ReadAt) >= ApiKeyCache.KnownFor)
        {
            if (await store.FindSigningAsync(id, cancellationToken) is not { } found)
            {
                return null;
            }

            if (keys.Count >= KeysMax)
            {
                keys.Clear();
            }

            keys[id] = known = new Known(found, clock.GetTimestamp());
        }

        return known.Key.ValidUntil > Instant.Now(clock) ? known.Key : null;
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        var pipe = context.Request.BodyReader;
        while (true)
        {
            var result = await pipe.ReadAsync(context.RequestAborted);
            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                pipe.AdvanceTo(result.Buffer.End);
                return body;
            }

            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
