using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Members;

/// <summary>What <c>POST /api/cache/clear</c> asks for.</summary>
public sealed record ClearCacheBody
{
    public const int MembersMax = 1_000;

    /// <summary>The members to forget; absent forgets everything of the tenant.</summary>
    public IReadOnlyList<ClearCacheMember>? Members { get; init; }
}

/// <summary>A member whose cached answers are to be forgotten.</summary>
public sealed record ClearCacheMember(string MemberId);

/// <summary>The door of the cache, for those who changed the database by other means.</summary>
internal static class CacheModule
{
    public static void MapCache(this IEndpointRouteBuilder routes) => routes.MapPost("/api/cache/clear", ClearAsync)
        .RequirePermission(Permission.CacheWrite)
        .Accepts<ClearCacheBody>("application/json")
        .Produces(StatusCodes.Status204NoContent)
        .WithSummary("Forgets cached answers of some members, or of the whole tenant, on every node.");

    private static async Task ClearAsync(HttpContext context, MemberCache members)
    {
        var body = await JsonBody.ReadAsync(context, BodyRules.Default, Read, context.RequestAborted);
        if (body.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        await members.ClearAsync(context.Actor().Tenant, body.Value);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static IReadOnlyList<MemberId>? Read(JsonFields fields)
    {
        var members = fields.ListOrNull("members", ClearCacheBody.MembersMax, member =>
        {
            var id = member.MemberId("memberId");
            member.RefuseUnknown();
            return id;
        });
        fields.RefuseUnknown();
        return members;
    }
}
