using System.CommandLine;
using System.Text;
using System.Text.Json;
using Laurel.Engine.Audit;
using Laurel.Kernel;
using Laurel.Platform.Audit;
using Laurel.Platform.Http;
using Laurel.Server.Hosting;

namespace Laurel.Server.Verbs;

/// <summary><c>audit</c>: writes what was done and by whom, and where the chains end. Reads only.</summary>
internal static class AuditVerb
{
    private static readonly Option<Instant?> s_from = InstantOption(
        "--from", "The first instant, by the time it was recorded, such as 2026-11-21T00:00:00Z (default the oldest).");

    private static readonly Option<Instant?> s_until = InstantOption("--until", "Up to this instant, itself left out (default now).");

    public static Command Create()
    {
        var export = new Command("export", "Writes every record of all tenants, oldest first, a JSON object a line.") { s_from, s_until };
        export.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings =>
            ExportAsync(settings, parsed.GetValue(s_from), parsed.GetValue(s_until), cancellationToken)));
        var heads = new Command("heads", "Writes where every chain ends, to be kept elsewhere.");
        heads.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, async settings =>
        {
            await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
            foreach (var end in await new AuditStore(node.Database).EndsAsync(cancellationToken))
            {
                Console.WriteLine($"{end.Chain} {end.Sequence} {end.BatchId} {end.Hash}");
            }

            return 0;
        }));
        return new Command("audit", "Who did what.") { export, heads };
    }

    private static async Task<int> ExportAsync(LaurelSettings settings, Instant? from, Instant? until, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        await using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        var query = new AuditQuery(Tenant: null) { From = from ?? Instant.Earliest, To = until, All = true };
        await foreach (var record in new AuditStore(node.Database).ReadAllAsync(query, cancellationToken))
        {
            await JsonSerializer.SerializeAsync(output, AuditItem.Of(record), AuditJson.Default.AuditItem, cancellationToken);
            output.WriteByte((byte)'\n');
        }

        return 0;
    }

    private static Option<Instant?> InstantOption(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var instant))
            {
                return instant;
            }

            result.AddError($"{name} is an instant such as 2026-11-21T00:00:00Z, not '{text}'.");
            return null;
        },
    };
}
