using System.Text;
using Laurel.Kernel;
using Laurel.Membership.Imports;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Server.Imports;

/// <summary>The door for files of members.</summary>
internal static class MemberImportModule
{
    /// <summary>Bytes of a file.</summary>
    public const int FileBytesMax = 8 * 1024 * 1024;

    private const string Csv = "text/csv";

    private static readonly string[] s_mediaTypes = [Csv, "application/x-ndjson", "application/jsonl"];

    public static void MapMemberImport(this IEndpointRouteBuilder routes) => routes.MapPost("/api/members/import", ImportAsync)
        .RequirePermission(Permission.MembersBulk)
        .RequirePermission(Permission.MembersWrite)
        .Accepts<string>(Csv, "application/x-ndjson", "application/jsonl")
        .Produces<MemberImportReply>()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .WithSummary("Enrols the members of a file; what is there already stays as it is, and bad rows are told one by one.");

    private static async Task ImportAsync(HttpContext context, MemberImport import, ProgrammeStore programmes, TimeProvider clock)
    {
        var query = new QueryFields(context.Request);
        var dryRun = query.Flag("dryRun", byDefault: false);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var (file, unread) = await RawBody.ReadAsync(context, FileBytesMax, s_mediaTypes, context.RequestAborted);
        if (file is null)
        {
            await ProblemResponse.WriteAsync(context, unread!, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var programme = await programmes.LatestAsync(tenant, context.RequestAborted);
        var (rows, faults) = JsonBody.MediaTypeOf(context.Request) == Csv
            ? new MemberCsv(programme.Programme.Profile, new BusinessTimes(programme.Calendar, Instant.Now(clock))).Read(file, MemberImport.RowsMax)
            : (LinesOf(file, MemberImport.RowsMax), []);
        if (rows.Count > MemberImport.RowsMax)
        {
            faults = [new FieldError(FieldErrorCode.TooMany, FieldOrigin.Body, "", ("max", MemberImport.RowsMax))];
        }

        if (faults.Count > 0)
        {
            await ProblemResponse.WriteAsync(context, faults, context.RequestAborted);
            return;
        }

        var reply = await import.RunAsync(tenant, rows, dryRun, RequestLanguage.Of(context.Request), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(reply, context.RequestAborted);
    }

    /// <summary>The lines that are not blank, at most one more than are taken.</summary>
    internal static List<ImportedRow> LinesOf(byte[] file, int rowsMax)
    {
        var rows = new List<ImportedRow>();
        var rest = file.AsMemory();
        if (rest.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            rest = rest[Encoding.UTF8.Preamble.Length..];
        }

        for (var line = 1; rest.Length > 0 && rows.Count <= rowsMax; line++)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.Span.Trim(" \t\r"u8).Length > 0)
            {
                rows.Add(new ImportedRow(line, text, null));
            }
        }

        return rows;
    }
}
