using System.Diagnostics;
using System.Globalization;
using Laurel.Engine.Audit;
using Laurel.Platform.Access;
using Laurel.Platform.Limits;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Audit;

/// <summary>Tells who is behind a call, and from where it comes, as the audit names it.</summary>
public static class CallOrigin
{
    private const string Signature = "signature";
    private const string Unknown = "unknown";

    /// <param name="actor">Null where nobody was asked who it is.</param>
    public static Origin Of(HttpContext context, Actor? actor, ClientAddresses addresses)
    {
        var (kind, id) = OperatorOf(context, actor);
        return new Origin(kind, id)
        {
            Name = kind == OperatorKind.Key ? actor?.Name : null,
            Address = addresses.Of(context).ToString(),
            Agent = Plain(context.Request.Headers.UserAgent.ToString(), Origin.AgentLengthMax),
            // The same id as in problem documents and logs.
            Request = Plain(Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier, Origin.RequestLengthMax),
        };
    }

    /// <summary>The text with nothing but printable ASCII in it, cut to a length; null for none. A header says whatever a caller likes.</summary>
    internal static string? Plain(string text, int lengthMax)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return string.Create(Math.Min(text.Length, lengthMax), text, static (plain, from) =>
        {
            for (var i = 0; i < plain.Length; i++)
            {
                plain[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
            }
        });
    }

    private static (OperatorKind Kind, string Id) OperatorOf(HttpContext context, Actor? actor) => actor switch
    {
        null when context.GetEndpoint()?.Metadata.GetMetadata<SignedAccess>() is not null => (OperatorKind.Key, Signature),
        null => (OperatorKind.Public, Unknown),
        { Person: { IsStaff: true } staff } => (OperatorKind.User, staff.User.ToString(CultureInfo.InvariantCulture)),
        { Member: { } member } => (OperatorKind.Member, member.ToString()),
        { Person: { } person } => (OperatorKind.User, person.User.ToString(CultureInfo.InvariantCulture)),
        _ => (OperatorKind.Key, actor.KeyId.ToString(CultureInfo.InvariantCulture)),
    };
}
