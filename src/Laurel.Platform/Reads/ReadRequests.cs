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
    /// <summary><c>primary</c>, <c>replica</c> or <c>cache</c>, where there are replicas.</summary>
    public const string SourceHeader = "Laurel-Source";

    /// <summary>How old the answer of a database is at the most, in whole seconds, rounded up.</summary>
    public const string StalenessHeader = "Laurel-Staleness-Seconds";

    /// <summary>Reads, and says in the answer's headers from where and how old it is at the most.</summary>
    /// <param name="read">Reads from the database it is given; may be called again with another one.</param>
    public static async Task<T> ReadAsync<T>(this HttpContext context, ReadRouter router, Func<Database, Task<T>> read)
    {
        var answer = await router.ReadAsync(context.Demand(), from => read(from.Database));
        context.TellSource(router, answer.Source);
        return answer.Value;
    }

    /// <summary>What the caller asks to be shown (<c>Laurel-Version</c>).</summary>
    public static ReadDemand Demand(this HttpContext context)
    {
        var version = context.Request.Headers[WriteRequests.VersionHeader];
        return version.Count == 0 ? default
            : long.TryParse(version.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var ours) ? new ReadDemand { Version = ours }
            : new ReadDemand { PrimaryOnly = true };
    }

    /// <summary>Says who answered, where there are replicas.</summary>
    /// <param name="source">Null is the cache, of which no age is told.</param>
    public static void TellSource(this HttpContext context, ReadRouter router, ReadSource? source)
    {
        if (router.Replicas.Count == 0)
        {
            return;
        }

        var headers = context.Response.Headers;
        headers[SourceHeader] = source is null ? "cache" : source.IsReplica ? "replica" : "primary";
        if (source is not null)
        {
            headers[StalenessHeader] = ((long)Math.Ceiling(source.StalenessMax.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }
}
