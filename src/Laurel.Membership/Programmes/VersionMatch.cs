using System.Globalization;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Programmes;

/// <summary>The version of the programme that a change is meant for, as the ETag of a read told it; null takes any.</summary>
internal readonly record struct VersionMatch(int? Version)
{
    private const string Header = "If-Match";

    private static readonly Wording s_etag = new("the ETag of a read, like \"7\"", "读取时返回的 ETag，例如 \"7\"");

    /// <summary>Reads the header; when it cannot be read the problem is answered already and the result is null.</summary>
    public static async ValueTask<VersionMatch?> ReadAsync(HttpContext context)
    {
        var text = context.Request.Headers[Header].ToString().Trim('"');
        if (text.Length == 0)
        {
            return new VersionMatch(null);
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return new VersionMatch(version);
        }

        await ProblemResponse.WriteAsync(context, [new FieldError(FieldErrorCode.InvalidFormat, FieldOrigin.Header, Header, ("expected", s_etag))], context.RequestAborted);
        return null;
    }
}
