using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Writes;

/// <summary>A single write that was read: who asks for what, and under which idempotency key.</summary>
public readonly record struct WriteRequest<T>(Actor Actor, T Body, IdempotencyKey? Idempotency);

/// <summary>Reads single writes, all in the same way: body, actor and <c>Idempotency-Key</c>.</summary>
public static class WriteRequests
{
    public const string IdempotencyHeader = "Idempotency-Key";

    /// <summary>Set on an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    /// <summary>On the answer to a write: its version. On a read: what the answer must show at the least.</summary>
    public const string VersionHeader = "Laurel-Version";

    /// <summary>Characters of an idempotency key at the most, all of them visible ASCII.</summary>
    public const int IdempotencyKeyLengthMax = 255;

    /// <summary>Reads the request; when it cannot be read the problem is answered already and the result is null.</summary>
    public static async ValueTask<WriteRequest<T>?> ReadAsync<T>(HttpContext context, Func<JsonFields, T> read)
    {
        var cancellationToken = context.RequestAborted;
        return await FinishAsync(context, await JsonBody.ReadAsync(context, BodyRules.Default, read, cancellationToken));
    }

    /// <summary>As <see cref="ReadAsync"/>, of a body that is a whole document.</summary>
    public static async ValueTask<WriteRequest<T>?> ReadDocumentAsync<T>(HttpContext context, BodyRules rules, JsonTypeInfo<T> type)
        where T : class => await FinishAsync(context, await JsonBody.ReadDocumentAsync(context, rules, type, context.RequestAborted));

    private static async ValueTask<WriteRequest<T>?> FinishAsync<T>(HttpContext context, BodyRead<T> body)
    {
        var cancellationToken = context.RequestAborted;
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, cancellationToken);
            return null;
        }

        var actor = context.Actor();
        if (!TryReadKey(context, actor, body.BodyHash, out var key))
        {
            var error = new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Header, IdempotencyHeader, ("expected", s_keyFormat));
            await ProblemResponse.WriteAsync(context, [error], cancellationToken);
            return null;
        }

        return new WriteRequest<T>(actor, body.Value, key);
    }

    private static readonly Wording s_keyFormat = new("1 to 255 visible ASCII characters", "1 至 255 个可见 ASCII 字符");

    private static bool TryReadKey(HttpContext context, Actor actor, Hash128 bodyHash, out IdempotencyKey? key)
    {
        key = null;
        if (!context.Request.Headers.TryGetValue(IdempotencyHeader, out var values))
        {
            return true;
        }

        if (values is not [{ Length: > 0 and <= IdempotencyKeyLengthMax } text] || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return false;
        }

        var request = context.Request;

        // The keys of people are their own: one who guesses another's must not be answered what the other was.
        key = new IdempotencyKey(
            Hash128.Of(actor.Tenant.Value, "idempotency", text, actor.Person is { } person ? person.User.ToString(CultureInfo.InvariantCulture) : ""),
            Hash128.Of(actor.Tenant.Value, request.Method, request.Path.Value ?? "", $"{bodyHash.High:x}-{bodyHash.Low:x}"));
        return true;
    }
}
