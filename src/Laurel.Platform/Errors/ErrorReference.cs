using System.Globalization;
using System.Text;

namespace Laurel.Platform.Errors;

/// <summary>Renders <c>docs/reference/errors.md</c> from both catalogues, so that the page cannot go stale.</summary>
public static class ErrorReference
{
    /// <summary>The whole page in Markdown, lines ended by LF; the same text on every machine.</summary>
    public static string Render()
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Errors

            <!-- Generated: change the error catalogue and run the unit tests with UPDATE_GENERATED=1. -->

            Every refused call answers with `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`,
            `instance`, the stable `code`, the values listed below as members of their own, and `errors` where single
            fields are at fault. Decide on `code`, never on the words; `Accept-Language` chooses between English and
            Chinese.

            A *frozen* refusal is the final answer under its idempotency key: repeating the call gives it again.
            What is *retryable* may succeed a moment later: repeat it unaltered, under the same key.

            ## Codes of a call

            """);
        foreach (var kind in ErrorCatalog.All)
        {
            AppendKind(page, kind);
        }

        page.Append(
            """

            ## Codes of a field

            Inside `errors`, each entry has `code`, `detail` and one of `pointer` (RFC 6901, into the body),
            `parameter` (of the query string) or `header`. Every fault of a request is named at once.

            | code | detail | 说明 |
            | --- | --- | --- |

            """);
        foreach (var kind in FieldErrorCatalog.All)
        {
            page.Append($"| `{kind.Code}` | {kind.DetailEnglish} | {kind.DetailChinese} |\n");
        }

        return page.Replace("\r\n", "\n").ToString();
    }

    private static void AppendKind(StringBuilder page, ErrorKind kind)
    {
        page.Append($"\n### {kind.Code}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"{kind.Status}{Traits(kind)}. ");
        page.Append($"**{kind.TitleEnglish}.** {kind.DetailEnglish}\n");
        page.Append($"**{kind.TitleChinese}。** {kind.DetailChinese}\n");
        if (kind.Values.Count > 0)
        {
            var members = string.Join(", ", kind.Values.Select(v => $"`{v.Member}`"));
            page.Append($"\nMembers: {members}.\n");
        }
    }

    private static string Traits(ErrorKind kind) => kind switch
    {
        { Retryable: true } => ", retryable",
        { Definitive: true } => ", frozen",
        _ => string.Empty,
    };
}
