using System.CommandLine;
using System.Text;
using Laurel.Kernel;
using Laurel.Membership.Exports;
using Laurel.Membership.Points;
using Laurel.Platform.Http;
using Laurel.Server.Hosting;
using Spectre.Console;

namespace Laurel.Server.Verbs;

/// <summary><c>export</c>: members with their balances as CSV, or the whole ledger as a journal. Reads only.</summary>
internal static class ExportVerb
{
    private static readonly Argument<string> s_membersFile = new("FILE") { Description = "The CSV file to write; - is standard output." };

    private static readonly Argument<string> s_journalFile = new("FILE")
    {
        Description = "The journal to write; - is standard output (the default).",
        DefaultValueFactory = _ => "-",
    };

    private static readonly Option<Instant?> s_asOf = new("--as-of")
    {
        Description = "Balances as they stood at this instant of business time, such as 1998-07-01T00:00:00Z (default now).",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var instant))
            {
                return instant;
            }

            result.AddError($"--as-of is an instant such as 1998-07-01T00:00:00Z, not '{text}'.");
            return null;
        },
    };

    public static Command Create()
    {
        var members = new Command("members", "Every member's balances as of an instant, as CSV.") { s_membersFile, s_asOf, VerbOptions.Tenant };
        members.SetAction((parsed, cancellationToken) => RunAsync(parsed, s_membersFile, "members", cancellationToken, (node, tenant, writer, progress) =>
        {
            var at = parsed.GetValue(s_asOf) ?? Instant.Now(TimeProvider.System);
            var csv = new MembersCsv(new BalancesAsOf(node.Database, node.Programmes));
            return csv.WriteAsync(tenant, at, writer, progress, cancellationToken);
        }));
        var journal = new Command("journal", "The ledger as a plain-text journal that hledger reads.") { s_journalFile, VerbOptions.Tenant };
        journal.SetAction((parsed, cancellationToken) => RunAsync(parsed, s_journalFile, "transactions", cancellationToken, (node, tenant, writer, progress) =>
            new Journal(node.Database, node.Programmes).WriteAsync(tenant, writer, progress, cancellationToken)));
        return new Command("export", "Writes what is stored in forms that others read.") { members, journal };
    }

    private static Task<int> RunAsync(
        ParseResult parsed,
        Argument<string> argument,
        string what,
        CancellationToken cancellationToken,
        Func<LaurelNode, TenantId, TextWriter, IProgress<long>, Task<long>> export) => VerbOptions.RunAsync(parsed, async settings =>
    {
        var file = parsed.GetRequiredValue(argument);
        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);

        // Standard output may be the export itself, so everything else is said on standard error.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var written = await console.Status().StartAsync($"Writing {what}…", context =>
        {
            var progress = new Progress<long>(count => context.Status($"Writing {what}… {count:N0}"));
            return WriteAsync(file, writer => export(node, tenant, writer, progress));
        });
        await Console.Error.WriteLineAsync($"{written:N0} {what} written.");
        return 0;
    });

    /// <summary>Writes beside the file and puts it in place when it is whole, so that no half of an export passes for one.</summary>
    private static async Task<long> WriteAsync(string file, Func<TextWriter, Task<long>> write)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (file == "-")
        {
            await using var output = new StreamWriter(Console.OpenStandardOutput(), encoding, bufferSize: 65_536);
            return await write(output);
        }

        var part = file + ".part";
        long written;
        await using (var output = new StreamWriter(part, append: false, encoding, bufferSize: 65_536))
        {
            written = await write(output);
        }

        File.Move(part, file, overwrite: true);
        return written;
    }
}
