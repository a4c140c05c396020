using System.CommandLine;
using Laurel.Engine.Lanes;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Server.Hosting;
using Laurel.Server.Logging;
using Laurel.Server.Programmes;
using Spectre.Console;
using Command = System.CommandLine.Command;

namespace Laurel.Server.Verbs;

/// <summary><c>programme</c>: the programme as a file that can be kept, compared and put in force.</summary>
internal static class ProgrammeVerb
{
    private const int ExitUnusable = 2;

    private const int ExitRefused = 3;

    private static readonly Argument<string> s_target = new("FILE.yaml") { Description = "The file to write; - is standard output (the default).", DefaultValueFactory = _ => "-" };

    private static readonly Argument<string> s_draft = new("DRAFT.yaml") { Description = "The programme as it is to be, as YAML or JSON. What is absent is as by default." };

    private static readonly Option<int?> s_version = new("--version") { Description = "A version of the past instead of the one in force." };

    private static readonly Option<string?> s_reason = new("--reason") { Description = "Kept with the new version." };

    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "Shows what would change, and changes nothing." };

    public static Command Create()
    {
        var export = new Command("export", "Writes the programme as YAML.") { s_target, s_version, VerbOptions.Tenant };
        export.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => ExportAsync(parsed, settings, cancellationToken)));
        var diff = new Command("diff", "Shows what a draft would change.") { s_draft, VerbOptions.Tenant };
        diff.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => DiffAsync(parsed, settings, cancellationToken)));
        var apply = new Command("apply", "Puts a draft in force as a new version.") { s_draft, s_reason, s_dryRun, VerbOptions.Tenant };
        apply.SetAction((parsed, cancellationToken) => VerbOptions.RunAsync(parsed, settings => ApplyAsync(parsed, settings, cancellationToken)));
        return new Command("programme", "Levels, rules and all other terms as one file.") { export, diff, apply };
    }

    /// <summary>Reads a draft and says on standard error what is wrong with it.</summary>
    internal static async Task<Programme?> ReadDraftAsync(string path, LaurelSettings settings, CancellationToken cancellationToken)
    {
        var (draft, mistakes) = await DraftFile.ReadAsync(path, settings.BenefitKinds, cancellationToken);
        foreach (var mistake in mistakes)
        {
            await Console.Error.WriteLineAsync(mistake);
        }

        return draft;
    }

    private static async Task<int> ExportAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        var store = new ProgrammeStore(node.Database, node.Programmes, TimeProvider.System);
        var programme = parsed.GetValue(s_version) is { } version
            ? await store.FindAsync(tenant, version, cancellationToken)
            : await store.ReadAsync(tenant, cancellationToken);
        if (programme is null)
        {
            await Console.Error.WriteLineAsync("The programme has no such version.");
            return ExitUnusable;
        }

        var text = DraftFile.Write(programme);
        if (parsed.GetRequiredValue(s_target) is var file and not "-")
        {
            await File.WriteAllTextAsync(file, text, cancellationToken);
            await Console.Error.WriteLineAsync($"Version {programme.Version} written.");
        }
        else
        {
            await Console.Out.WriteAsync(text);
        }

        return 0;
    }

    private static async Task<int> DiffAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        if (await ReadDraftAsync(parsed.GetRequiredValue(s_draft), settings, cancellationToken) is not { } draft)
        {
            return ExitUnusable;
        }

        await using var node = await LaurelNode.OpenToReadAsync(settings, TimeProvider.System, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        var current = await new ProgrammeStore(node.Database, node.Programmes, TimeProvider.System).ReadAsync(tenant, cancellationToken);
        Tell(current, draft);
        return 0;
    }

    private static async Task<int> ApplyAsync(ParseResult parsed, LaurelSettings settings, CancellationToken cancellationToken)
    {
        if (await ReadDraftAsync(parsed.GetRequiredValue(s_draft), settings, cancellationToken) is not { } draft)
        {
            return ExitUnusable;
        }

        if (parsed.GetValue(s_dryRun))
        {
            return await DiffAsync(parsed, settings, cancellationToken);
        }

        using var loggers = LoggerFactory.Create(logging => LogSetup.ConfigureLogging(logging, settings));
        await using var node = await LaurelNode.OpenAsync(settings, "programme apply", TimeProvider.System, loggers, cancellationToken);
        var tenant = await VerbOptions.TenantAsync(parsed, node, cancellationToken);
        var current = node.Programmes.Latest(tenant)!.Programme;
        Tell(current, draft);
        var command = new ChangeProgramme(tenant, _ => new ProgrammeEdit.To(draft), node.Programmes)
        {
            BaseVersion = current.Version,
            ChangedBy = "laurel programme apply",
            Reason = parsed.GetValue(s_reason),
        };
        switch (await node.Lanes.SubmitAsync(command, cancellationToken))
        {
            case Outcome.Applied { Reply: ProgrammeVersion { Version: var version } }:
                Console.WriteLine(version == current.Version ? "Nothing to change." : $"Version {version} is in force.");
                return 0;
            case Outcome.Refused { Refusal: var refusal }:
                await Console.Error.WriteLineAsync(ErrorCatalog.Get(refusal.Code).Detail(Language.English, refusal.Values));
                return ExitRefused;
            case Outcome.Failed { Refusal: var refusal }:
                await Console.Error.WriteLineAsync(ErrorCatalog.Get(refusal.Code).Detail(Language.English, refusal.Values));
                return 1;
            default:
                throw new Kernel.InvariantBrokenException("A change of the programme claims nothing.");
        }
    }

    private static void Tell(Programme current, Programme draft)
    {
        var differences = ProgrammeDiff.Between(current, draft);
        if (differences.Count == 0)
        {
            Console.WriteLine($"The same as version {current.Version}.");
            return;
        }

        var table = new Table().AddColumns("What", $"Version {current.Version}", "Draft");
        foreach (var difference in differences)
        {
            table.AddRow(new Text(difference.Path), new Text(difference.Before ?? "–"), new Text(difference.After ?? "–"));
        }

        AnsiConsole.Write(table);
    }
}
