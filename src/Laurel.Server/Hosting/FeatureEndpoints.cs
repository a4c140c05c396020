using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Features;
using Laurel.Platform.Http;

namespace Laurel.Server.Hosting;

/// <summary>Which features are on for a subject.</summary>
public sealed record FeatureReply
{
    public required string Subject { get; init; }

    /// <summary>Every feature of the settings, in order of name.</summary>
    public required IReadOnlyDictionary<string, bool> Features { get; init; }
}

/// <summary><c>/api/features</c>: for hosts and apps, so that a canary is the same everywhere.</summary>
internal static class FeatureEndpoints
{
    public static void MapFeatures(this IEndpointRouteBuilder routes) => routes.MapGet("/api/features", Answer)
        .RequirePermission(Permission.FeaturesRead)
        .Produces<FeatureReply>()
        .WithSummary("Which features are on for a subject.");

    private static async Task Answer(HttpContext context, FeatureFlags flags)
    {
        var query = new QueryFields(context.Request);
        var subject = query.TextOrNull("subject", FeatureFlags.SubjectLengthMax);
        query.RefuseUnknown();
        if (subject is null && query.Failure is null)
        {
            query.Fail("subject", FieldErrorCode.Required);
        }

        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var reply = new FeatureReply { Subject = subject!, Features = flags.Names.ToDictionary(name => name, name => flags.IsOn(name, tenant, subject!)) };
        await context.Response.WriteAsJsonAsync(reply, context.RequestAborted);
    }
}
