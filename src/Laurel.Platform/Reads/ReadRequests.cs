using System.Globalization;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Reads;

/// <summary>Answers reads that may be a moment old, all in the same way: from whom the router chooses, never older than the write
/// that the caller names.</summary>
public static class ReadRequests
{
    /// <summary><c>primary</c> or <c>replica</c>, where there are replicas.</summary>
    public const string SourceHeader = "Laurel-Source";

    /// <summary>How old the answer is at the most, in whole seconds, rounded up.</summary>
    public const string StalenessHeader = "Laurel-Staleness-Seconds";

    /// <summary>Reads, and says in the answer's headers from where and how old it is at the most.</summary>
    /// <param name="read">Reads from the database it is given; may be called again with another one.</param>
    public static async Task<T> ReadAsync<T>(this HttpContext context, ReadRouter router, Func<Database, Task<T>> read)
    {
        var version = context.Request.Headers[WriteRequests.VersionHeader];
        if (router.Replicas.Count == 0 || (version.Count > 0 && VersionOf(version.ToString()) is null))
        {
            // A version that is none of ours is shown by nobody but the primary.
            Tell(context, router, fromReplica: false, TimeSpan.Zero);
            return await read(router.Primary);
        }

        var answer = await router.ReadAsync(VersionOf(version.ToString()), read);
        Tell(context, router, answer.FromReplica, answer.StalenessMax);
        return answer.Value;
    }

    /// <summary>Whether a database has to be asked though the answer is remembered: there are replicas, which the router chooses from, or
    /// the caller names a version, which another node may have written a moment ago.</summary>
    public static bool AsksDatabase(this HttpContext context, ReadRouter router) =>
        router.Replicas.Count > 0 || context.Request.Headers.ContainsKey(WriteRequests.VersionHeader);

    private static long? VersionOf(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    private static void Tell(HttpContext context, ReadRouter router, bool fromReplica, TimeSpan staleness)
    {
        if (router.Replicas.Count > 0)
        {
            var headers = context.Response.Headers;
            headers[SourceHeader] = fromReplica ? "replica" : "primary";
            headers[StalenessHeader] = ((long)Math.Ceiling(staleness.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }
}
