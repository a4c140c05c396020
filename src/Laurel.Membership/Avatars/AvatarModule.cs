using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Files;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Pictures;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Avatars;

/// <summary>A member's picture that was stored.</summary>
public sealed record AvatarReply
{
    public required string MemberId { get; init; }

    /// <summary>Where it is answered: a path of this server.</summary>
    public required string Avatar { get; init; }

    /// <summary>The version of the profile that it made.</summary>
    public required long Version { get; init; }
}

/// <summary>The doors of pictures.</summary>
internal static class AvatarModule
{
    /// <summary>Bytes of a picture as it is sent.</summary>
    public const int BytesMax = 2 * 1024 * 1024;

    public static void MapAvatars(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/api/members/{id}/avatar", PutAsync)
            .RequirePermission(Permission.MembersWrite)
            .OpenToOwner(Permission.UpdateSelf)
            .LimitRate(RateLimits.Members)
            .Accepts<Stream>("image/png", "image/jpeg", "image/webp", "application/octet-stream")
            .Produces<AvatarReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Stores a member's picture, without anything but what shows it.");
        routes.MapGet("/files/{name}", GetAsync)
            .AllowAnonymousAccess()
            .Produces<Stream>(StatusCodes.Status200OK, "image/png", "image/jpeg", "image/webp")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A stored picture; whoever knows its name may see it.");
    }

    private static async Task PutAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, MemberCache members, AvatarStore avatars)
    {
        var (body, unread) = await RawBody.ReadAsync(context, BytesMax, [], context.RequestAborted);
        if (unread is not null)
        {
            await ProblemResponse.WriteAsync(context, unread, context.RequestAborted);
            return;
        }

        // Nothing is stored for who is not there.
        var actor = context.Actor();
        if (!MemberId.TryParse(id, out var member) || await members.FindReplyAsync(actor.Tenant, member) is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        var (picture, fault) = Picture.Clean(body);
        if (picture is null)
        {
            await ProblemResponse.WriteAsync(context, RefusalOf(fault), context.RequestAborted);
            return;
        }

        var byStaff = actor.May(Permission.MembersWrite) && !actor.Is(member);
        var (address, outcome) = await avatars.KeepAsync(actor.Tenant, member, picture, byStaff, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is not Outcome.Applied { Reply: ProfileReceipt receipt })
        {
            await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.AvatarReply);
            return;
        }

        if (receipt.Complete)
        {
            var completed = new MemberId(long.Parse(receipt.MemberId, CultureInfo.InvariantCulture));
            await lanes.SubmitAsync(ProfileCompletions.Of(actor.Tenant, completed, books), CancellationToken.None);
        }

        var reply = new AvatarReply { MemberId = receipt.MemberId, Avatar = address, Version = receipt.Version };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.AvatarReply);
    }

    private static Refusal RefusalOf(PictureFault fault) => fault switch
    {
        PictureFault.Unreadable => new Refusal(ErrorCode.PictureUnreadable),
        PictureFault.TooManyPixels => new Refusal(ErrorCode.PictureTooLarge, ("max", Picture.SideMax)),
    };

    private static async Task GetAsync(HttpContext context, string name, IFileStore files)
    {
        var isName = FileName.TryParse(name, out var file);
        byte[]? bytes;
        try
        {
            bytes = isName ? await files.FindAsync(file, context.RequestAborted) : null;
        }
        catch (FileStoreUnavailableException)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.FileStoreUnavailable), context.RequestAborted);
            return;
        }

        if (bytes is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.NotFound), context.RequestAborted);
            return;
        }

        // Whatever a browser is told to do with it, it does nothing but show it. A name never has other bytes; that only browsers keep it, and for a week,
        // is for those who are erased.
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers.CacheControl = "private, max-age=604800, immutable";
        context.Response.ContentType = file.MediaType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
